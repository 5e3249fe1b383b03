//! A page's code that remembers which of its functions ran: how one learns what the first steps need.

use std::collections::BTreeSet;
use std::convert::Infallible;

use wasm_encoder::reencode::{Reencode, utils};
use wasm_encoder::{CodeSection, ConstExpr, ExportKind, ExportSection, GlobalSection, Instruction, Module};
use wasmparser::{FunctionBody, Parser};

use crate::split::source::Source;
use crate::split::{Encoded, FLAG};

/// What the exports are called that say whether a function ran; its number comes behind.
pub const RAN: &str = "ran";

/// Has each function of a module set an exported global when it is called.
///
/// # Errors
/// When it is no module, or none that `split` takes.
pub fn trace(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let source = Source::read(bytes)?;
    let (globals, functions) = (source.globals.len() as u32, source.bodies.len() as u32);
    let mut tracer = Tracer { globals, functions, next: 0 };
    let mut module = Module::new();
    tracer.parse_core_module(&mut module, Parser::new(0), bytes).map_err(|error| error.to_string())?;
    Ok(module.finish())
}

/// The names of the functions that ran, and of those that did not.
///
/// # Errors
/// When it is no module, or has no names.
pub fn used_and_unused(bytes: &[u8], ran: &BTreeSet<usize>) -> Result<(BTreeSet<String>, BTreeSet<String>), String> {
    let functions = crate::report::Module::read(bytes)?.functions;
    let (mut needed, mut idle) = (BTreeSet::new(), BTreeSet::new());
    for (number, (name, _)) in functions.into_iter().enumerate() {
        if ran.contains(&number) {
            needed.insert(name)
        } else {
            idle.insert(name)
        };
    }
    Ok((needed, idle))
}

struct Tracer {
    /// How many globals the module has of its own.
    globals: u32,
    functions: u32,
    /// The function whose body comes next, the imported ones not counted.
    next: u32,
}

impl Reencode for Tracer {
    type Error = Infallible;

    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: wasmparser::GlobalSectionReader<'_>,
    ) -> Encoded {
        utils::parse_global_section(self, globals, section)?;
        for _ in 0..self.functions {
            globals.global(FLAG, &ConstExpr::i32_const(0));
        }
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Encoded {
        utils::parse_export_section(self, exports, section)?;
        for function in 0..self.functions {
            exports.export(&format!("{RAN}{function}"), ExportKind::Global, self.globals + function);
        }
        Ok(())
    }

    fn parse_function_body(&mut self, code: &mut CodeSection, body: FunctionBody<'_>) -> Encoded {
        let mut traced = self.new_function_with_parsed_locals(&body)?;
        traced.instruction(&Instruction::I32Const(1));
        traced.instruction(&Instruction::GlobalSet(self.globals + self.next));
        self.next += 1;
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            traced.instruction(&self.parse_instruction(&mut operators)?);
        }
        code.function(&traced);
        Ok(())
    }
}
