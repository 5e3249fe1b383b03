//! The second module: what went.

use std::collections::BTreeMap;
use std::convert::Infallible;

use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{
    CodeSection, ConstExpr, ElementSection, Elements, EntityType, Function, FunctionSection, ImportSection,
    Instruction, Module, StartSection, TypeSection,
};

use super::source::{Kind, Source, name};
use super::{Encoded, FIRST, FLAG, IS_HERE, Plan, data};

/// Writes what is in the rest with the numbers that functions have there.
struct Rest {
    numbers: BTreeMap<u32, u32>,
}

impl Reencode for Rest {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Encoded<u32> {
        Ok(self.numbers[&function])
    }
}

/// Writes the second module.
///
/// # Errors
/// When a body cannot be read.
pub(super) fn encode(source: &Source<'_>, plan: &Plan) -> Encoded<Module> {
    let mut module = Module::new();
    let mut types = TypeSection::new();
    for ty in &source.types {
        types.ty().func_type(&RoundtripReencoder.func_type(ty.clone())?);
    }
    let mut imports = ImportSection::new();
    for (function, name) in &plan.called {
        imports.import(FIRST, name, EntityType::Function(source.functions[*function as usize]));
    }
    for (index, ty) in (0..).zip(&source.tables) {
        let mut ty = RoundtripReencoder.table_type(*ty)?;
        if index == plan.table {
            let more = plan.entries.len() as u64;
            ty.minimum += more;
            ty.maximum = ty.maximum.map(|most| most + more);
        }
        imports.import(FIRST, &name(source, Kind::Table, index), ty);
    }
    for (index, ty) in (0..).zip(&source.memories) {
        imports.import(FIRST, &name(source, Kind::Memory, index), RoundtripReencoder.memory_type(*ty)?);
    }
    for (index, ty) in (0..).zip(&source.globals) {
        imports.import(FIRST, &name(source, Kind::Global, index), RoundtripReencoder.global_type(*ty)?);
    }
    imports.import(FIRST, IS_HERE, FLAG);
    let is_here = source.globals.len() as u32;

    let numbers: BTreeMap<u32, u32> = plan.called.keys().chain(&plan.rest).copied().zip(0..).collect();
    let mut functions = FunctionSection::new();
    let mut code = CodeSection::new();
    let mut encoder = Rest { numbers };
    for (function, body) in source.defined().filter(|(function, _)| plan.rest.contains(function)) {
        functions.function(source.functions[function as usize]);
        encoder.parse_function_body(&mut code, body.clone())?;
    }
    let start = encoder.numbers.len() as u32;
    functions.function(plan.plain);
    let mut say = Function::new([]);
    for instruction in [Instruction::I32Const(1), Instruction::GlobalSet(is_here), Instruction::End] {
        say.instruction(&instruction);
    }
    code.function(&say);

    let mut elements = ElementSection::new();
    let entered: Vec<u32> = plan.entries.iter().map(|(function, _)| encoder.numbers[function]).collect();
    let slots = source.tables[plan.table as usize].initial as i32;
    elements.active(Some(plan.table), &ConstExpr::i32_const(slots), Elements::Functions(entered.into()));
    module.section(&types).section(&imports).section(&functions);
    module.section(&StartSection { function_index: start }).section(&elements).section(&code);
    module.section(&data::section(&plan.data.rest));
    Ok(module)
}
