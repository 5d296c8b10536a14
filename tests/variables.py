"""Variables of the machine that runs the tests."""

VARIABLES = (
    "DATABASE_URL",
    "VATICINA_HOME",
    "VATICINA_STORE",
    "LOG_LEVEL",
    "APP_PORT",
    "PORT",
    "SERVER_HOST",
    "ENVIRONMENT",
    "MONGODB_URL",
    "MONGODB_DATABASE",
    "DEFAULT_WINDOW_SIZE",
    "DEFAULT_EPOCHS",
    "MODEL_SAVE_PATH",
)
"""What the machine that runs the tests may say, and no test is to hear."""
