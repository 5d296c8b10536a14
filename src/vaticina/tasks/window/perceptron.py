"""A fitted perceptron, in numpy."""

from dataclasses import dataclass

import numpy as np

from vaticina.contract import Matrix
from vaticina.exact.arrays import Integers


@dataclass(frozen=True, slots=True)
class Perceptron:
    """Weights: each step is one value of the window, plus a linear layer, plus one hidden layer of tanh.

    ``start`` (horizon,) is the index of that value for each step, ``linear`` (size, horizon), ``bias`` (horizon,),
    ``hidden`` (size, units), ``hidden_bias`` (units,), ``output`` (units, horizon); there may be 0 units.
    """

    start: Integers
    linear: Matrix
    bias: Matrix
    hidden: Matrix
    hidden_bias: Matrix
    output: Matrix

    def forward(self, scaled: Matrix) -> Matrix:
        """The steps predicted from scaled windows (n, size): (n, horizon), scaled."""
        steps: Matrix = scaled[:, self.start] + scaled @ self.linear + self.bias
        if self.hidden.shape[1]:
            steps = steps + np.tanh(scaled @ self.hidden + self.hidden_bias) @ self.output
        return steps
