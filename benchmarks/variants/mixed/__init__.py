"""A second model: 4 numbers and 2 categories with missing values, through imputer, scaler, one-hot, 100 trees."""
