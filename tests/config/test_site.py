"""The site of the back office."""

from django.utils.functional import empty


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
