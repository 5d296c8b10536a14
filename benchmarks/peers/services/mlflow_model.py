"""Saves the model as MLflow's scoring server wants it: `python mlflow_model.py FOLDER`."""
# mypy: disable-error-code="import-not-found"

import os
import sys

import joblib
import mlflow.sklearn

if __name__ == "__main__":
    mlflow.sklearn.save_model(
        joblib.load(os.environ["MODEL"]),
        sys.argv[1],
        pyfunc_predict_fn="predict_proba",
        serialization_format="cloudpickle",
        pip_requirements=["scikit-learn"],
    )
