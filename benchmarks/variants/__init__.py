"""medico in other ways of running it, and a second model with categories and missing values."""
