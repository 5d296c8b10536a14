"""How each class of scikit-learn, LightGBM and XGBoost becomes nodes of a graph."""
