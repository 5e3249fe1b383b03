//! The first module: what stays, and entries for what went.

use std::convert::Infallible;

use wasm_encoder::reencode::{Reencode, utils};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, DataSection, ExportKind, ExportSection, Function, FunctionSection,
    GlobalSection, Instruction, Module, TableSection,
};
use wasmparser::{FunctionBody, Parser};

use super::source::{Kind, Source, name};
use super::{Encoded, FLAG, IS_HERE, Plan, data};

/// Writes the first module.
///
/// # Errors
/// When it cannot be read.
pub(super) fn encode(source: &Source<'_>, plan: &Plan, bytes: &[u8]) -> Encoded<Module> {
    let mut module = Module::new();
    let mut first = First { source, plan, next: source.imported() };
    first.parse_core_module(&mut module, Parser::new(0), bytes)?;
    Ok(module)
}

struct First<'s, 'a> {
    source: &'s Source<'a>,
    plan: &'s Plan,
    /// The function whose body comes next.
    next: u32,
}

impl First<'_, '_> {
    /// The global that the rest sets when it is here.
    fn is_here(&self) -> u32 {
        self.source.globals.len() as u32
    }

    /// What stands in the place of a function of the rest.
    fn entry(&self, function: u32, slot: u32) -> Function {
        let ty = self.source.functions[function as usize];
        let mut entry = Function::new([]);
        let fetch = self.plan.numbers[&self.source.fetch];
        for instruction in [
            Instruction::GlobalGet(self.is_here()),
            Instruction::I32Eqz,
            Instruction::If(BlockType::Empty),
            Instruction::I32Const(1),
            Instruction::Call(fetch),
            Instruction::End,
        ] {
            entry.instruction(&instruction);
        }
        for param in 0..self.source.params(function) as u32 {
            entry.instruction(&Instruction::LocalGet(param));
        }
        entry.instruction(&Instruction::I32Const(slot as i32));
        entry.instruction(&Instruction::CallIndirect { type_index: ty, table_index: self.plan.table });
        entry.instruction(&Instruction::End);
        entry
    }
}

impl Reencode for First<'_, '_> {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Encoded<u32> {
        Ok(self.plan.numbers[&function])
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: wasmparser::FunctionSectionReader<'_>,
    ) -> Encoded {
        for (function, ty) in (self.source.imported()..).zip(section) {
            let ty = ty?;
            if !self.plan.rest.contains(&function) {
                functions.function(ty);
            }
        }
        for (function, _) in &self.plan.entries {
            functions.function(self.source.functions[*function as usize]);
        }
        Ok(())
    }

    fn parse_table_section(
        &mut self,
        tables: &mut TableSection,
        section: wasmparser::TableSectionReader<'_>,
    ) -> Encoded {
        let imported = self.source.tables.len() as u32 - section.count();
        for (index, table) in (imported..).zip(section) {
            let mut table = table?;
            if index == self.plan.table {
                let more = self.plan.entries.len() as u64;
                table.ty.initial += more;
                table.ty.maximum = table.ty.maximum.map(|most| most + more);
            }
            self.parse_table(tables, table)?;
        }
        Ok(())
    }

    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: wasmparser::GlobalSectionReader<'_>,
    ) -> Encoded {
        utils::parse_global_section(self, globals, section)?;
        globals.global(FLAG, &ConstExpr::i32_const(0));
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Encoded {
        utils::parse_export_section(self, exports, section)?;
        exports.export(IS_HERE, ExportKind::Global, self.is_here());
        let missing = |kind: Kind, index: u32| !self.source.exports.contains_key(&(kind, index));
        for (kind, as_export, count) in [
            (Kind::Table, ExportKind::Table, self.source.tables.len()),
            (Kind::Memory, ExportKind::Memory, self.source.memories.len()),
            (Kind::Global, ExportKind::Global, self.source.globals.len()),
        ] {
            for index in (0..count as u32).filter(|index| missing(kind, *index)) {
                exports.export(&name(self.source, kind, index), as_export, index);
            }
        }
        for (function, name) in self.plan.called.iter().filter(|(function, _)| missing(Kind::Function, **function)) {
            exports.export(name, ExportKind::Func, self.plan.numbers[function]);
        }
        Ok(())
    }

    fn parse_code_section(&mut self, code: &mut CodeSection, section: wasmparser::CodeSectionReader<'_>) -> Encoded {
        utils::parse_code_section(self, code, section)?;
        for (function, slot) in &self.plan.entries {
            code.function(&self.entry(*function, *slot));
        }
        Ok(())
    }

    fn parse_function_body(&mut self, code: &mut CodeSection, body: FunctionBody<'_>) -> Encoded {
        let function = self.next;
        self.next += 1;
        match self.plan.rest.contains(&function) {
            true => Ok(()),
            false => utils::parse_function_body(self, code, body),
        }
    }

    fn data_count(&mut self, _: u32) -> Encoded<u32> {
        Ok(self.plan.data.first.len() as u32)
    }

    fn parse_data_section(&mut self, data: &mut DataSection, _: wasmparser::DataSectionReader<'_>) -> Encoded {
        *data = data::section(&self.plan.data.first);
        Ok(())
    }

    /// Names are of no use to the browser.
    fn parse_custom_section(&mut self, _: &mut Module, _: wasmparser::CustomSectionReader<'_>) -> Encoded {
        Ok(())
    }
}
