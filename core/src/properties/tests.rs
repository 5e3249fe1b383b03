//! Files as Java and Kafka 4.3.1 read them: what they say was asked of them.

mod documents;
mod dynamic;
mod refusals;
mod round_trip;
mod storage;

use super::{Review, ServerFile, review};

fn file(name: &str, text: &str) -> ServerFile {
    ServerFile { name: name.to_owned(), text: text.to_owned() }
}

/// All that a review says, a line for each mistake and warning.
fn printed(files: &[ServerFile], review: &Review) -> String {
    let mut lines = Vec::new();
    let at = |place: super::Place| {
        let name = files.get(place.file as usize).map_or("no file", |file| file.name.as_str());
        place.line.map_or_else(|| name.to_owned(), |line| format!("{name}:{line}"))
    };
    match &review.cluster {
        Ok(config) => lines.push(crate::json::write_text(config)),
        Err(mistakes) => {
            for mistake in mistakes {
                lines.push(format!("{} {}", at(mistake.place), crate::json::write_text(&mistake.problem)));
                lines.extend(mistake.kafka.iter().map(|message| format!("    {message}")));
            }
        }
    }
    for warning in &review.warnings {
        lines.push(format!("{} {}", at(warning.place), crate::json::write_text(&warning.caution)));
    }
    lines.join("\n") + "\n"
}

fn reviewed(texts: &[&str]) -> String {
    let files: Vec<ServerFile> =
        (1..).zip(texts).map(|(number, text)| file(&format!("server-{number}"), text)).collect();
    printed(&files, &review(&files))
}
