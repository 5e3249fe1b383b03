//! `cargo xtask weigh` and the last part of `cargo xtask build`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use kafkascope_weight::{
    budget::{Part, Weight},
    compress, page, report,
};

const HELP: &str = "\
weight where MODULE [--largest N] [TEXTS…]   where the bytes of a WebAssembly module are; folders of texts that may be in it
weight files FILE…                           what files weigh compressed, and the budget
weight forget-links DIR                      the code of a built page without what the linker noted of it
weight split DIR LINKED                      the code of a built page in two: what the first steps need, and the rest; the
                                             module that it was made of, linked with --emit-relocs
weight trace DIR                             the code of a built page, made to remember which functions ran
weight compress DIR                          .gz and .br beside every file of a built page that is worth it";

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    match run(&args) {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("weight: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> Result<String, String> {
    match args {
        [name, module, rest @ ..] if name == "where" => {
            let (largest, texts) = match rest {
                [flag, number, texts @ ..] if flag == "--largest" => {
                    (number.parse().map_err(|_| format!("{number} is no number"))?, texts)
                }
                texts => (40, texts),
            };
            let module = report::Module::read(&read(Path::new(module))?)?;
            let texts: Vec<PathBuf> = texts.iter().map(PathBuf::from).collect();
            report::print(&module, &texts, largest).map_err(|error| error.to_string())
        }
        [name, files @ ..] if name == "files" => {
            let mut sum = Weight::default();
            for file in files {
                let weight = Weight::of(&read(Path::new(file))?)?;
                println!("{weight}  {file}");
                sum = sum.plus(weight);
            }
            Ok(format!("{sum}  together; what comes first may be {}", Weight::allowed(Part::First)?))
        }
        [name, dist, linked] if name == "split" => {
            let split = page::split(Path::new(dist), Path::new(linked))?;
            let kib = |part: &[u8]| part.len().div_ceil(1024);
            Ok(format!(
                "{} functions come first, in {} KiB; {} come after, in {} KiB, with {} KiB of data. {} of those have an entry in what \
                 comes first.",
                split.staying,
                kib(&split.first),
                split.going,
                kib(&split.rest),
                split.data_going.div_ceil(1024),
                split.entries
            ))
        }
        [name, dist] if name == "forget-links" => {
            page::forget_links(Path::new(dist))?;
            Ok("What the linker noted is out of the page's code.".to_owned())
        }
        [name, dist] if name == "trace" => {
            page::trace(Path::new(dist))?;
            Ok("The page's code remembers which of its functions ran.".to_owned())
        }
        [name, dist] if name == "compress" => {
            let count = compress::write_beside(Path::new(dist)).map_err(|error| error.to_string())?;
            Ok(format!("{count} files have a .gz and a .br beside them."))
        }
        _ => Err(format!("this is not understood\n\n{HELP}")),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}
