//! Which source file of a crate uses which others, by its `use` declarations and paths.
//!
//! A path is followed as the compiler would: through child modules, `crate`, `self` and `super`, imports, and what a
//! module re-exports, to the file that defines the item. So a `mod.rs` that re-exports its children's types does not
//! count as a user of them, and a child that imports such a type uses the sibling that defines it. Code for tests is
//! left out.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

/// Re-exports of re-exports, at most.
const DEEPEST: usize = 16;

/// The uses between the files of a crate, as paths from its folder of sources.
pub(super) type Uses = BTreeMap<PathBuf, BTreeSet<PathBuf>>;

/// A name that an import brings into a module.
struct Import {
    name: String,
    path: Vec<String>,
    /// `pub use` of any visibility: a re-export, which is used only where a path names it.
    handed_on: bool,
}

/// A module and what its code names.
#[derive(Default)]
struct Module {
    file: PathBuf,
    parent: Option<usize>,
    children: BTreeMap<String, usize>,
    items: HashSet<String>,
    imports: Vec<Import>,
    /// Paths of imports of everything.
    globs: Vec<Vec<String>>,
    /// Paths in its code.
    paths: Vec<Vec<String>>,
}

/// The target of a path.
enum Found {
    Module(usize),
    /// An item of that module.
    Item(usize),
}

/// The modules of a crate; the first is its root.
struct Crate {
    modules: Vec<Module>,
}

/// The uses between files of the crate whose root module is that file.
pub(super) fn uses_of(root: &Path) -> Uses {
    let folder = root.parent().expect("a root in a folder");
    let mut found = Crate { modules: Vec::new() };
    found.read(root, folder.to_owned(), None);
    found.uses(folder)
}

impl Crate {
    /// Reads a module's file, and those of the modules that it declares. They lie in `folder`.
    fn read(&mut self, file: &Path, folder: PathBuf, parent: Option<usize>) -> usize {
        let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        self.add(&parsed.items, file, folder, parent)
    }

    fn add(&mut self, items: &[syn::Item], file: &Path, folder: PathBuf, parent: Option<usize>) -> usize {
        let index = self.modules.len();
        self.modules.push(Module { file: file.to_owned(), parent, ..Module::default() });
        let mut reader = Reader::default();
        for item in items.iter().filter(|item| !is_test(attributes(item))) {
            match item {
                syn::Item::Mod(module) => {
                    let name = module.ident.to_string();
                    let inner = folder.join(&name);
                    let child = match &module.content {
                        Some((_, items)) => self.add(items, file, inner, Some(index)),
                        None => {
                            let beside = folder.join(format!("{name}.rs"));
                            let file = if beside.is_file() { beside } else { inner.join("mod.rs") };
                            self.read(&file, inner, Some(index))
                        }
                    };
                    self.modules[index].children.insert(name, child);
                }
                other => reader.visit_item(other),
            }
        }
        let module = &mut self.modules[index];
        (module.imports, module.globs, module.paths) = (reader.imports, reader.globs, reader.paths);
        module.items = items.iter().filter_map(name_of).collect();
        index
    }

    fn uses(&self, folder: &Path) -> Uses {
        let relative = |file: &Path| file.strip_prefix(folder).expect("a file of the crate").to_owned();
        let mut uses = Uses::new();
        for (index, module) in self.modules.iter().enumerate() {
            let used = uses.entry(relative(&module.file)).or_default();
            let imports = module.imports.iter().filter(|import| !import.handed_on).map(|import| &import.path);
            for path in imports.chain(&module.paths) {
                if let Some(Found::Item(target)) = self.follow(index, path, DEEPEST)
                    && self.modules[target].file != module.file
                {
                    used.insert(relative(&self.modules[target].file));
                }
            }
        }
        uses
    }

    /// The target of a path in a module; `None` outside the crate.
    fn follow(&self, module: usize, path: &[String], depth: usize) -> Option<Found> {
        let depth = depth.checked_sub(1)?;
        let (first, mut rest) = path.split_first()?;
        let mut found = match first.as_str() {
            "crate" => Found::Module(0),
            "self" => Found::Module(module),
            "super" => Found::Module(self.modules[module].parent?),
            name => self.look_up(module, name, depth)?,
        };
        while let (Found::Module(current), Some((name, after))) = (&found, rest.split_first()) {
            found = match name.as_str() {
                "self" => Found::Module(*current),
                "super" => Found::Module(self.modules[*current].parent?),
                name => self.look_up(*current, name, depth)?,
            };
            rest = after;
        }
        Some(found)
    }

    /// The target of a name in a module.
    fn look_up(&self, module: usize, name: &str, depth: usize) -> Option<Found> {
        let here = &self.modules[module];
        if let Some(&child) = here.children.get(name) {
            return Some(Found::Module(child));
        }
        if here.items.contains(name) {
            return Some(Found::Item(module));
        }
        let import = here.imports.iter().filter(|import| import.name == name);
        import
            .filter_map(|import| self.follow(module, &import.path, depth))
            .chain(here.globs.iter().filter_map(|path| {
                let Some(Found::Module(all)) = self.follow(module, path, depth) else { return None };
                if all == module { None } else { self.look_up(all, name, depth.checked_sub(1)?) }
            }))
            .next()
    }
}

/// Gathers the imports and the paths of a module's items.
#[derive(Default)]
struct Reader {
    imports: Vec<Import>,
    globs: Vec<Vec<String>>,
    paths: Vec<Vec<String>>,
}

impl Reader {
    fn tree(&mut self, tree: &syn::UseTree, mut path: Vec<String>, handed_on: bool) {
        match tree {
            syn::UseTree::Path(part) => {
                path.push(part.ident.to_string());
                self.tree(&part.tree, path, handed_on);
            }
            syn::UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.tree(tree, path.clone(), handed_on));
            }
            syn::UseTree::Glob(_) => self.globs.push(path),
            syn::UseTree::Name(part) => self.import(path, part.ident.to_string(), None, handed_on),
            syn::UseTree::Rename(part) => {
                self.import(path, part.ident.to_string(), Some(part.rename.to_string()), handed_on);
            }
        }
    }

    fn import(&mut self, mut path: Vec<String>, last: String, rename: Option<String>, handed_on: bool) {
        // `a::{self}` brings in `a`.
        if last != "self" || path.is_empty() {
            path.push(last);
        }
        let name = rename.or_else(|| path.last().cloned()).unwrap_or_default();
        self.imports.push(Import { name, path, handed_on });
    }

    /// The paths in a macro's arguments: names joined by `::`.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    if colons != 2 {
                        self.paths.extend((!path.is_empty()).then(|| std::mem::take(&mut path)));
                    }
                    path.push(name.to_string());
                    colons = 0;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' && !path.is_empty() => colons += 1,
                other => {
                    self.paths.extend((!path.is_empty()).then(|| std::mem::take(&mut path)));
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.tokens(group.stream());
                    }
                }
            }
        }
        self.paths.extend((!path.is_empty()).then_some(path));
    }
}

impl<'a> Visit<'a> for Reader {
    fn visit_item(&mut self, item: &'a syn::Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'a syn::ItemUse) {
        let handed_on = !matches!(item.vis, syn::Visibility::Inherited);
        self.tree(&item.tree, Vec::new(), handed_on);
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        if path.leading_colon.is_none() {
            self.paths.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'a syn::Macro) {
        self.visit_path(&call.path);
        self.tokens(call.tokens.clone());
    }
}

/// Whether an item is compiled for tests alone.
fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let named = |list: &syn::MetaList| {
            let mut words = list.tokens.clone().into_iter();
            words.any(|token| matches!(&token, TokenTree::Ident(word) if word == "test"))
        };
        attribute.path().is_ident("test")
            || attribute.path().is_ident("cfg") && matches!(&attribute.meta, syn::Meta::List(list) if named(list))
    })
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::ExternCrate(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn name_of(item: &syn::Item) -> Option<String> {
    let name = match item {
        syn::Item::Const(item) => &item.ident,
        syn::Item::Enum(item) => &item.ident,
        syn::Item::Fn(item) => &item.sig.ident,
        syn::Item::Macro(item) => item.ident.as_ref()?,
        syn::Item::Static(item) => &item.ident,
        syn::Item::Struct(item) => &item.ident,
        syn::Item::Trait(item) => &item.ident,
        syn::Item::Type(item) => &item.ident,
        syn::Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}
