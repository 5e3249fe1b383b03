//! Whether both parts are modules that fit together.

use wasm_encoder::{
    CodeSection, ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection, Function, FunctionSection,
    GlobalSection, ImportSection, Instruction, Module, NameMap, NameSection, TableSection, TableType, TypeSection,
    ValType,
};
use wasmparser::{Parser, Payload, Validator};

use super::*;

/// A page of three functions, `first`, `rare` and `helper`, each of which calls the next; `rare` is in the table.
fn page(fetch: &str) -> Vec<u8> {
    let (mut types, mut imports, mut functions) = (TypeSection::new(), ImportSection::new(), FunctionSection::new());
    types.ty().function([], []);
    types.ty().function([ValType::I32], []);
    types.ty().function([ValType::I32], [ValType::I32]);
    imports.import("wbg", fetch, EntityType::Function(1));
    let (mut tables, mut exports, mut code) = (TableSection::new(), ExportSection::new(), CodeSection::new());
    let element_type = wasm_encoder::RefType::FUNCREF;
    tables.table(TableType { element_type, table64: false, minimum: 2, maximum: Some(2), shared: false });
    exports.export("open", ExportKind::Func, 1);
    for called in [Some(2), Some(3), None] {
        functions.function(2);
        let mut body = Function::new([]);
        body.instruction(&Instruction::LocalGet(0));
        if let Some(called) = called {
            body.instruction(&Instruction::Call(called));
        }
        body.instruction(&Instruction::End);
        code.function(&body);
    }
    let (mut elements, mut named, mut names) = (ElementSection::new(), NameMap::new(), NameSection::new());
    elements.active(Some(0), &ConstExpr::i32_const(1), Elements::Functions(vec![2].into()));
    for (function, name) in [(1, "page::first"), (2, "page::rare"), (3, "page::helper")] {
        named.append(function, name);
    }
    names.functions(&named);
    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions).section(&tables).section(&GlobalSection::new());
    module.section(&exports).section(&elements).section(&code).section(&names);
    module.finish()
}

fn names_of(module: &[u8], is_wanted: impl Fn(&Payload<'_>) -> Vec<String>) -> BTreeSet<String> {
    Parser::new(0).parse_all(module).flat_map(|payload| is_wanted(&payload.expect("it is a module"))).collect()
}

fn exported(module: &[u8]) -> BTreeSet<String> {
    names_of(module, |payload| match payload {
        Payload::ExportSection(section) => {
            section.clone().into_iter().flatten().map(|one| one.name.to_owned()).collect()
        }
        _ => Vec::new(),
    })
}

fn imported(module: &[u8]) -> BTreeSet<String> {
    names_of(module, |payload| match payload {
        Payload::ImportSection(section) => {
            section.clone().into_imports().flatten().map(|one| format!("{} {}", one.module, one.name)).collect()
        }
        _ => Vec::new(),
    })
}

#[test]
fn both_parts_are_modules_and_fit_together() {
    let split =
        split(&page("__wbg_fetchRestOfCode_1"), &Linked::default(), &|name| name != "page::rare").expect("it splits");
    assert_eq!((split.staying, split.going, split.entries), (2, 1, 1));
    for part in [&split.first, &split.rest] {
        Validator::new().validate_all(part).expect("it is valid");
    }
    // `helper`, which the rest calls, is not exported by a page that is whole.
    let wanted = ["0", "Table0", "open", "restIsHere"].map(str::to_owned);
    assert_eq!(exported(&split.first), BTreeSet::from(wanted));
    assert_eq!(
        imported(&split.rest),
        BTreeSet::from(["first 0", "first Table0", "first restIsHere"].map(str::to_owned))
    );
}

#[test]
fn a_page_that_cannot_ask_for_the_rest_is_not_split() {
    let problem = split(&page("__wbg_log_1"), &Linked::default(), &|_| true).expect_err("it must not");
    assert!(problem.contains(FETCH), "{problem}");
    assert!(split(b"no module", &Linked::default(), &|_| true).is_err());
}
