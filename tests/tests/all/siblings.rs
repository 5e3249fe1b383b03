//! Lists of the page's elements: one that has other elements beside it is a node of its own (`siblings`), so that one entry more or
//! less leaves its neighbours as they are.

use std::fs;

use crate::imports::{files, folder};

/// What is written wrongly: a list that goes into the one around it, with something beside it.
fn is_beside_others(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    code.match_indices("{ for ").any(|(at, _)| {
        let before = code[..at].trim_end();
        // Right behind the tag that it is in, and right before that one's end.
        let is_first = before.ends_with('>') && !before.ends_with("/>") && !is_closed(before);
        let is_last = end_of(&code[at..]).is_some_and(|rest| rest.starts_with("</"));
        !(is_first && is_last)
    })
}

/// Whether what stands last is the end of an element.
fn is_closed(before: &str) -> bool {
    before.rfind('<').is_some_and(|at| before[at..].starts_with("</") && before[at..] != *"</>")
}

/// What stands behind the brace that closes the first one.
fn end_of(text: &str) -> Option<&str> {
    let mut depth = 0_u32;
    for (at, character) in text.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 1 => return text.get(at + 1..),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[test]
fn a_list_beside_other_elements_is_a_node_of_its_own() {
    let mut wrong = Vec::new();
    let mut paths = Vec::new();
    files(&folder("web/src"), &mut paths);
    for path in paths {
        let text = fs::read_to_string(&path).expect("a file");
        let lines = text.lines().enumerate().filter(|(_, line)| is_beside_others(line));
        wrong.extend(lines.map(|(number, line)| format!("{}:{}: {}", path.display(), number + 1, line.trim())));
    }
    assert!(wrong.is_empty(), "use `siblings`:\n{}", wrong.join("\n"));
}

#[test]
fn what_is_beside_others_is_seen() {
    assert!(is_beside_others("                { for rows }"));
    assert!(is_beside_others("<ul>{ for rows }{ more }</ul>"));
    assert!(is_beside_others("<div><i /></div>{ for rows }</div>"));
    assert!(is_beside_others("<g><path d={d} />{ for rows }</g>"));
    assert!(!is_beside_others("<ul class={class}>{ for rows.map(|row| html! { <li>{ row }</li> }) }</ul>"));
    assert!(!is_beside_others("html! { <>{ for rows }</> }"));
}
