//! Lessons' texts: Markdown that teachers write. Only Markdown: tags in it are shown as they are written.

use pulldown_cmark::{Event, Options, Parser, Tag, html};

/// The text as HTML. Whatever is a tag in the source is text in the result.
pub fn to_html(text: &str) -> String {
    let events = Parser::new_ext(text, Options::ENABLE_TABLES).map(|event| match event {
        Event::Html(tag) | Event::InlineHtml(tag) => Event::Text(tag),
        // A link leads to another page or nowhere: nothing in a lesson runs.
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) if !is_harmless(&dest_url) => {
            Event::Text("".into())
        }
        other => other,
    });
    let mut out = String::new();
    html::push_html(&mut out, events);
    out
}

fn is_harmless(address: &str) -> bool {
    ["https://", "http://", "#"].iter().any(|start| address.starts_with(start))
}

/// A line of Markdown, such as a heading, without a paragraph around it.
pub fn line_to_html(text: &str) -> String {
    let html = to_html(text);
    let line = html.trim();
    line.strip_prefix("<p>").and_then(|rest| rest.strip_suffix("</p>")).unwrap_or(line).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_is_rendered_and_tags_are_not() {
        assert_eq!(to_html("A **b** `c`."), "<p>A <strong>b</strong> <code>c</code>.</p>\n");
        let html = to_html("<script>alert(1)</script> and <b onclick=x>b</b>");
        assert!(!html.contains("<script") && !html.contains("<b "), "{html}");
        assert_eq!(line_to_html("`a` goes"), "<code>a</code> goes");
    }

    #[test]
    fn a_link_leads_nowhere_dangerous() {
        let html = to_html("[x](javascript:alert(1))");
        assert!(!html.contains("href=\"javascript:"), "{html}");
    }
}
