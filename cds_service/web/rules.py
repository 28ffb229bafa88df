"""What a card's source opens: the rule on a readable page, and its source attributes as data."""

from __future__ import annotations

from flask import Blueprint, Response
from jinja2 import Environment

from cds_service.errors import UnknownService
from cds_service.knowledge.explain import pages_of, source_attributes, tiers_of
from cds_service.knowledge.load import Knowledge
from cds_service.web.answers import HEADERS, answer

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
_PAGE = Environment(autoescape=True).from_string("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ rule }}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1c2530}
h2{margin-top:2rem}h3{margin-bottom:.2rem}.critical{color:#a3161b}.warning{color:#8a5200}.info{color:#1f5a96}
ul{padding-left:1.2rem}.note{background:#fff4d6;padding:.5rem 1rem}</style></head><body>
<h1>{{ rule }}</h1>
<p class="note">Content not yet reviewed by a clinician. Knowledge {{ version }}.</p>
{% macro told(node) %}<li>{{ node.text }}{% if node.parts %}<ul>{% for part in node.parts %}{{ told(part) }}
{% endfor %}</ul>{% endif %}</li>{% endmacro %}
{% for page, tiers in pages %}<h2>{{ page.title }}</h2>
<p>At {{ page.hooks | sort | join(", ") }}.</p>
{% for tier in tiers %}<h3 class="{{ tier.indicator }}">{{ tier.indicator }}</h3>
<ul>{{ told(tier.condition) }}</ul>
<p>Sources ({{ tier.evidence }}):</p><ul>{% for source in tier.sources %}<li>{% if source.url %}
<a href="{{ source.url }}">{{ source.title }}</a>{% else %}{{ source.title }}{% endif %}, {{ source.grade }}</li>
{% endfor %}</ul>{% endfor %}{% endfor %}
<p><a href="{{ rule }}/source-attributes">Source attributes as data</a></p></body></html>
""")


def rules_blueprint(knowledge: Knowledge) -> Blueprint:
    """``/knowledge/<rule>`` and ``/knowledge/<rule>/source-attributes``. Neither holds anything of a patient."""
    blueprint = Blueprint("rules", __name__, url_prefix="/knowledge")

    @blueprint.get("/<rule>")
    def page(rule: str) -> Response:
        found = pages_of(knowledge, rule)
        if not found:
            raise UnknownService("no rule has this id")
        told = [(each, list(tiers_of(knowledge, each))) for each in found]
        body = _PAGE.render(rule=rule, version=knowledge.version, pages=told)
        headers = {**HEADERS, "Content-Security-Policy": _POLICY}
        return Response(body, headers=headers, content_type="text/html; charset=utf-8")

    @blueprint.get("/<rule>/source-attributes")
    def attributes(rule: str) -> Response:
        if not pages_of(knowledge, rule):
            raise UnknownService("no rule has this id")
        return answer(source_attributes(knowledge, rule))

    return blueprint
