"""Runs every `$ hourglass ...` of docs/ again and writes what it prints into the page; draws its pictures again."""

import pathlib
import re
import shlex
import subprocess

root = pathlib.Path(__file__).resolve().parent.parent


def shown(match):
    command = [root / "build" / "hourglass"] + shlex.split(match[1])
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return f"```\n$ hourglass {match[1]}\n{output}```"


for page in (root / "docs").rglob("*.md"):
    text = page.read_text()
    page.write_text(re.sub(r"```\n\$ hourglass (.*)\n(?:.*\n)*?```", shown, text))
    for words, picture in re.findall(r"`hourglass (explain [^`]*--svg )([\w.-]+\.svg)`", text):
        command = [root / "build" / "hourglass", *shlex.split(words), page.parent / picture]
        subprocess.run(command, check=True, capture_output=True)
