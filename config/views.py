"""Views of the installation itself."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from config.schedule import run_job
from tenants.declarations import JOBS
from tenants.problems import CONTENT_TYPE, problem_body


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Return `{"service": "frontdesk", "status": "ok"}`; a browser gets a page with the links."""
    if "text/html" in request.headers.get("Accept", ""):
        page = {"simulator": bool(settings.SIMULATOR_URL), "version": settings.VERSION}
        return render(request, "home.html", page)
    return JsonResponse({"service": "frontdesk", "status": "ok"})


@csrf_exempt
def unknown_api(request: HttpRequest) -> HttpResponse:
    """Return a 404 for an unknown API path, in the form of the API's other errors."""
    problem = problem_body(404, "There is no such address.")
    return JsonResponse(problem, status=404, content_type=CONTENT_TYPE)


@require_GET
def simulator(request: HttpRequest) -> HttpResponse:
    """In development, redirect to the simulated phone."""
    if not settings.SIMULATOR_URL:
        raise Http404
    query = request.META.get("QUERY_STRING", "")
    return HttpResponseRedirect(f"{settings.SIMULATOR_URL}/simulator/" + (f"?{query}" if query else ""))


@csrf_exempt
@require_POST
def cron(request: HttpRequest, job: str) -> HttpResponse:
    """`POST /cron/<job>` with `X-Cron-Secret`: run one scheduled job now."""
    if not settings.CRON_SECRET:
        return JsonResponse({"error": "CRON_SECRET is not set"}, status=503)
    if not hmac.compare_digest(request.headers.get("X-Cron-Secret", "").encode(), settings.CRON_SECRET.encode()):
        return JsonResponse({"error": "wrong X-Cron-Secret"}, status=401)
    if job not in JOBS:
        raise Http404
    return JsonResponse({"job": job, "count": run_job(job)})
