"""What a server's answer to a request of a chat says, whatever it looks like."""

from __future__ import annotations

from pydantic import BaseModel, Field, ValidationError

from int_bench.chats.base import Reply, Status


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message = _Message()
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0


class _Answer(BaseModel):
    choices: list[_Choice] = Field(default=[])
    usage: _Usage | None = None


def says_something(body: bytes) -> bool:
    """Whether an answer says something, or at least what it cost; one that does neither may be asked for again.

    >>> says_something(b"<html>We are down"), says_something(b'{"choices": []}')
    (False, False)
    """
    try:
        answer = _Answer.model_validate_json(body)
    except ValidationError:
        return False
    return bool(answer.choices) or answer.usage is not None


def reply_of(body: bytes, most_input: int, most_output: int) -> Reply:
    """The reply in a server's answer; where that does not say what it cost, it is taken to have cost the most.

    Tokens that the total has beyond the prompt's are the answer's: some leave a model's thinking out of its own.

    >>> reply_of(b'{"choices": [{"message": {"content": "Yes"}, "finish_reason": "stop"}]}', 5, 9)
    Reply(text='Yes', finish_reason='stop', input_tokens=5, output_tokens=9, status='answered')
    """
    answer = _Answer.model_validate_json(body)
    usage = answer.usage or _Usage(prompt_tokens=most_input, completion_tokens=most_output)
    output = max(usage.completion_tokens, usage.total_tokens - usage.prompt_tokens)
    choice = answer.choices[0] if answer.choices else _Choice()
    text, status = choice.message.content or "", _status(choice)
    return Reply(text, "length" if choice.finish_reason == "length" else "stop", usage.prompt_tokens, output, status)


def _status(choice: _Choice) -> Status:
    if choice.finish_reason == "content_filter" or choice.message.refusal:
        return "refused"
    # A model that thinks may use up its tokens before it says anything: asked again, it would do the same.
    return "answered" if choice.message.content or choice.finish_reason == "length" else "no_reply"


def status_of_fault(code: int | None, error: Exception) -> Status:
    """What a request was turned down for, by the status and the words of the server.

    >>> status_of_fault(400, ValueError("This model's maximum context length is 4096 tokens"))
    'too_long'
    """
    said = f"{error} {getattr(error, 'body', None)}".lower()  # a code may stand only in the body
    if any(word in said for word in ("content_filter", "content_policy", "content management policy")):
        return "refused"
    if code == 413 or any(word in said for word in ("context length", "context_length", "too many tokens")):
        return "too_long"
    return "no_reply"
