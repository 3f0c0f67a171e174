"""The page and the interface of studio."""

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

app = FastAPI(title="studio", docs_url=None, redoc_url=None)

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>studio</title>
<h1>studio</h1>
<p>It runs on the Python that it came with.</p>
"""


class Sum(BaseModel):
    """Two numbers to add."""

    left: float = Field(description="first number")
    right: float = Field(description="second number")


@app.get("/", response_class=HTMLResponse)
def page() -> str:
    return PAGE


@app.post("/sum")
def add(numbers: Sum) -> dict[str, float]:
    return {"sum": numbers.left + numbers.right}
