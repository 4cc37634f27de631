"""Bearer tokens and the file that a service reads them from: `<name> <scope>[,<scope>…] sha256:<hex>`."""

import hashlib
import pathlib
import secrets


class Tokens:
    def __init__(self, file: pathlib.Path):
        self.file = file
        self.tokens: dict[str, str] = {}
        self.lines = ["# tokens of a test", ""]

    def add(self, *scopes: str) -> str:
        """A new token for these scopes; the same one when asked again."""
        name = ",".join(scopes)
        if name not in self.tokens:
            self.tokens[name] = secrets.token_urlsafe(32)
            digest = hashlib.sha256(self.tokens[name].encode()).hexdigest()
            self.lines.append(f"user-{len(self.tokens)} {name} sha256:{digest}")
            self.file.write_text("\n".join(self.lines) + "\n")
            self.file.chmod(0o600)
        return self.tokens[name]

    def settings(self) -> dict[str, str]:
        return {"TOKENS_FILE": str(self.file)}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
