"""Trains this project and publishes the new version: python train.py."""

from pathlib import Path

from vaticina.usecases.train import train_project

if __name__ == "__main__":
    published = train_project(Path(__file__).parent)
    print(f"{published.manifest.version}: {published.refusal or 'in production'}")
