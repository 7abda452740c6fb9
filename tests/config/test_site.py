"""The site of the back office."""

import re
from pathlib import Path

from django.contrib.staticfiles import finders
from django.urls import reverse
from django.utils.functional import empty
from unfold.settings import CONFIG_DEFAULTS

LINK = re.compile(r"""<a href="([^"]+)" class="([^"]*)">\s*<span[^>]*>\w+</span>\s*<span>([^<]+)</span>""")


def links_of(answer):
    """Of each link in the sidebar of a page: its title, and whether it is the page itself."""
    text = answer.content.decode()
    sidebar = text[text.index('id="nav-sidebar-apps"') :]
    return {title: "active" in classes.split() for _, classes, title in LINK.findall(sidebar)}


def test_the_list_of_apps_is_made_on_pages_that_show_it_alone(manager):
    contacts = manager.get("/admin/messaging/contact/")
    messaging = manager.get("/admin/messaging/")

    assert contacts.context["available_apps"]._wrapped is empty
    assert [app["app_label"] for app in messaging.context["app_list"]] == ["messaging"]
    assert b"/admin/messaging/contact/" in messaging.content
    assert manager.get("/admin/nothing/").status_code == 404


def test_a_page_of_an_app_names_what_the_role_may_see_alone(manager, root):
    def models(browser):
        return {model["object_name"] for model in browser.get("/admin/tenants/").context["app_list"][0]["models"]}

    assert "ApiKey" in models(root)
    assert models(manager) < models(root)


def test_the_sidebar_shows_each_page_that_the_viewer_may_open_and_marks_the_one_that_is_open(manager, root):
    contacts = links_of(manager.get("/admin/messaging/contact/"))

    assert [title for title, is_open in contacts.items() if is_open] == ["Contacts"]
    assert [title for title, is_open in links_of(manager.get("/admin/")).items() if is_open] == ["Dashboard"]
    assert {"Inbox", "Decisions", "Calendar", "Audit entries"} < set(contacts) < set(links_of(root.get("/admin/")))
    assert "Circuit breakers" not in contacts


def test_the_sidebar_speaks_the_language_of_the_viewer_and_forgets_no_other(manager):
    titles = {}
    for language in ("en", "pt-br", "en"):
        manager.post(reverse("language"), {"language": language})
        titles[language] = set(links_of(manager.get("/admin/messaging/contact/")))

    assert "Contacts" in titles["en"]
    assert "Contatos" in titles["pt-br"]


def test_the_stylesheet_has_the_colours_of_the_theme_and_pages_do_not_repeat_them(manager):
    """A theme whose colours changed shows here; `BackOfficeSite._get_colors` leaves them out of the pages."""
    styles = Path(finders.find("common/console.css")).read_text(encoding="utf-8")

    for name, weights in CONFIG_DEFAULTS["COLORS"].items():
        for weight, colour in weights.items():
            assert f"--color-{name}-{weight}: {colour};" in styles
    answer = manager.get("/admin/messaging/contact/").content.decode()
    assert "unfold-theme-colors" not in answer
    assert "common/console.css" in answer
