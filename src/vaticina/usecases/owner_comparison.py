"""An adopted model is served only in a form that answers what the file's owner gets from it."""

from vaticina.errors import ImportRefused
from vaticina.formats.adoption import AdoptedModel
from vaticina.tasks import served_form
from vaticina.tasks.compilation import AnswersDiffer, ImproperAnswers
from vaticina.tasks.served_model import ServedModel


def served_as_the_file_answers(adopted: AdoptedModel) -> ServedModel:
    """The graph of the model, else the model itself, whichever answers what the file answers.

    Raises ImportRefused when neither does, or when the answers are no probabilities.
    """
    try:
        served = served_form(
            adopted.model,
            adopted.contract,
            adopted.rows,
            adopted.ask_original,
            is_rebuilt=adopted.is_rebuilt,
            constants=adopted.constants,
        )
    except AnswersDiffer as error:
        raise ImportRefused(
            f"The model would not answer what its file answers: {error}. Save it as ONNX, or give the columns' types "
            "with --contract."
        ) from None
    except ImproperAnswers as error:
        raise ImportRefused(
            f"The model does not give probabilities: {error}. Save it with a softmax or sigmoid as its last step, or "
            "as a model of numbers."
        ) from None
    if adopted.is_rebuilt and not served.verification["verified"]:
        raise ImportRefused(
            "The model was made with other versions and is rebuilt from its files, so it is served compiled or not at "
            f"all, and {served.verification['reason']}. Save it with the scikit-learn installed here, or as ONNX."
        )
    return served
