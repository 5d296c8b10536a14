"""AutoGluon's predictors: trained here, or folders that AutoGluon saved."""
