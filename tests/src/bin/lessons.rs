//! `cargo run -p kafkascope-tests --bin lessons [-- ID…]`: reads every lesson and proves it on the engine. A line a lesson; what is
//! wrong comes with its file, line and field. Stops with 1 where a lesson does not hold, with 2 where one cannot be read.

use std::process::ExitCode;

use kafkascope_core::history::History;
use kafkascope_core::lesson::{Lesson, library, prove};
use kafkascope_core::scenario::Scenario;

fn main() -> ExitCode {
    let library = library();
    let asked: Vec<String> = std::env::args().skip(1).collect();
    if let Some(unknown) = asked.iter().find(|id| library.lesson(id).is_none()) {
        let known: Vec<&str> = library.lessons.iter().map(|lesson| lesson.id.as_str()).collect();
        eprintln!("{unknown}: no lesson that can be read. There are: {}", known.join(", "));
        return ExitCode::from(2);
    }
    for mistake in &library.mistakes {
        println!("{mistake}");
    }
    let mut failing = 0;
    let wanted = library.lessons.iter().filter(|lesson| asked.is_empty() || asked.contains(&lesson.id));
    for lesson in wanted {
        match check(lesson) {
            Ok(0) => println!("{:<24} holds, {} beats", lesson.id, lesson.beats.len()),
            Ok(_) => failing += 1,
            Err(error) => {
                println!("{}/lesson.toml:1: cluster: {error}", lesson.id);
                failing += 1;
            }
        }
    }
    println!("{} lessons, {failing} failing, {} mistakes", library.lessons.len(), library.mistakes.len());
    match (library.mistakes.len(), failing) {
        (0, 0) => ExitCode::SUCCESS,
        (0, _) => ExitCode::from(1),
        _ => ExitCode::from(2),
    }
}

/// Proves a lesson. Gives the number of promises that the engine does not keep; each is printed.
fn check(lesson: &Lesson) -> Result<usize, String> {
    let new = History::new(Scenario::new(lesson.cluster.clone(), lesson.seed)).map_err(|error| error.to_string())?;
    let unproven = prove(lesson, || new.clone());
    for each in &unproven {
        let what = serde_json::to_string(&each.what).unwrap_or_default();
        println!("{}/lesson.toml: beat {}: {what}", lesson.id, each.beat);
    }
    Ok(unproven.len())
}
