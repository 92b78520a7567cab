"""The base of every record, policy and scenario: immutable, strict about fields, with errors in planner words."""

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
    """The metaclass of records: constructing one raises InstanceError in place of pydantic's ValidationError.

    It wraps only calls of the class, not the validation of nested parts, so that one error lists every problem.
    """

    def __call__(cls, *args: Any, **fields: Any) -> Any:  # noqa: N805  (a method of the class of a class)
        try:
            return super().__call__(*args, **fields)
        except ValidationError as error:
            raise _refused(cls, error, fields) from None


class Part(BaseModel, metaclass=_Worded):
    """The base of all given data: rows of tables, and parts of settings, policies and scenarios.

    Raises:
        InstanceError: a field is missing, unknown or not right; with every problem, in the words of `planner check`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:
        """A record from a mapping, as files hold it.

        Raises:
            InstanceError: it is not right; with every problem.
        """
        try:
            return super().model_validate(obj, **options)
        except ValidationError as error:
            raise _refused(cls, error, obj) from None


def _refused(cls: Any, error: ValidationError, given: Any) -> InstanceError:
    return InstanceError(list(problems_of(cls, error, given, kind_of(cls), None)), kind_of(cls))
