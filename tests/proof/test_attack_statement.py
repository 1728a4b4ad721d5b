"""Whether the keys of a state are found goes by a letter elsewhere in it; this shows a hole."""

from __future__ import annotations

from uuid import UUID

from application.codec import statement_of

STATE = (
    '{"s":{"%s":1,"k":"k:key","n":"","h":"","c":""},"stamp":{"actor":"'
    f'{UUID(int=7)}"}},"t":"%s"}}'
)


def test_a_letter_of_another_text_does_not_say_which_keys_a_state_uses() -> None:
    """An escaped name is found only where a `z` stands somewhere, and was never found before."""

    def keys(name: str, text: str) -> tuple[str, ...]:
        return statement_of(UUID(int=1), 1, "a.b", (STATE % (name, text)).encode()).keys

    assert keys("z", "a") == keys("z", "zebra") == ("k:key",)
    assert keys("\\u007a", "a") == keys("\\u007a", "zebra")
