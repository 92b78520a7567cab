"""The base of every record, policy and scenario: immutable, without unknown fields, and refused in planner words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from planner.errors import InstanceError
from planner.instance.wording import kind_of, problems_of

if TYPE_CHECKING:
    from pydantic._internal._model_construction import ModelMetaclass
else:
    ModelMetaclass = type(BaseModel)


class _Worded(ModelMetaclass):
    """Making one by calling its class raises InstanceError where pydantic would raise an error of its own.

    It stands outside of validation (a nested part is not made by calling its class), so that one call names every
    problem at once.
    """

    def __call__(cls, *args: Any, **fields: Any) -> Any:  # noqa: N805  (a method of the class of a class)
        try:
            return super().__call__(*args, **fields)
        except ValidationError as error:
            raise _refused(cls, error, fields) from None


class Part(BaseModel, metaclass=_Worded):
    """What is given: a row of a table, or a part of the settings, a policy or a scenario.

    Raises:
        InstanceError: a field is missing, unknown or not right; with every problem, in the words of `planner check`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:
        """One from a mapping, as files hold it.

        Raises:
            InstanceError: it is not right; with every problem.
        """
        try:
            return super().model_validate(obj, **options)
        except ValidationError as error:
            raise _refused(cls, error, obj) from None


def _refused(cls: Any, error: ValidationError, given: Any) -> InstanceError:
    return InstanceError(list(problems_of(cls, error, given, kind_of(cls), None)), kind_of(cls))
