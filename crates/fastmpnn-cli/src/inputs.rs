//! Which files are read: paths, folders, patterns, lists, standard input.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use fastmpnn::structure::structure_name;
use glob::MatchOptions;

/// One structure to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Input {
    /// The file, or `-`.
    pub(crate) path: PathBuf,
    /// The name the structure will have.
    pub(crate) name: String,
}

const ENDINGS: [&str; 4] = [".pdb", ".ent", ".cif", ".mmcif"];

/// Lists inside lists, at most; a list that names itself ends here.
const DEEPEST_LIST: usize = 4;

/// Whether a path means standard input.
pub(crate) fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-")
}

/// What the arguments mean, in their order. A file that does not exist is found out when it is read, so that the others
/// go on; a folder, pattern or list without structures is an error.
pub(crate) fn expand(arguments: &[PathBuf]) -> Result<Vec<Input>> {
    let mut paths = Vec::new();
    for argument in arguments {
        expand_one(argument, 0, &mut paths)?;
    }
    if paths.iter().filter(|path| is_standard_input(path)).count() > 1 {
        bail!("standard input (-) is given twice");
    }
    Ok(paths.into_iter().map(|path| Input { name: name_of(&path), path }).collect())
}

/// Refuses two inputs of one name: outputs are named by it, and random numbers keyed on it.
pub(crate) fn check_distinct(inputs: &[Input]) -> Result<()> {
    let mut seen: HashMap<&str, &Path> = HashMap::new();
    for input in inputs {
        if let Some(other) = seen.insert(&input.name, &input.path) {
            let (other, path) = (other.display(), input.path.display());
            bail!("{other} and {path} are both named {}; rename one, or run them apart", input.name);
        }
    }
    Ok(())
}

fn expand_one(argument: &Path, depth: usize, paths: &mut Vec<PathBuf>) -> Result<()> {
    let shown = argument.display();
    if is_standard_input(argument) || argument.is_file() {
        paths.push(argument.to_owned());
        return Ok(());
    }
    if argument.is_dir() {
        let found = structures_in(argument)?;
        if found.is_empty() {
            bail!("{shown}: the folder holds no structures (.pdb, .ent, .cif, .mmcif, or these with .gz)");
        }
        paths.extend(found);
        return Ok(());
    }
    let Some(text) = argument.to_str() else {
        paths.push(argument.to_owned());
        return Ok(());
    };
    if let Some(list) = text.strip_prefix('@') {
        return expand_list(Path::new(list), depth, paths);
    }
    if text.contains(['*', '?', '[']) {
        // As a shell does it.
        let options =
            MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };
        let found = glob::glob_with(text, options).with_context(|| format!("{text}: not a pattern"))?;
        let mut found: Vec<PathBuf> =
            found.collect::<Result<_, _>>().with_context(|| format!("{text}: cannot be searched"))?;
        found.retain(|path| path.is_file());
        if found.is_empty() {
            bail!("{text}: no file fits the pattern");
        }
        paths.extend(found);
        return Ok(());
    }
    paths.push(argument.to_owned());
    Ok(())
}

fn expand_list(list: &Path, depth: usize, paths: &mut Vec<PathBuf>) -> Result<()> {
    let shown = list.display();
    if depth == DEEPEST_LIST {
        bail!("{shown}: lists that name lists go no deeper than {DEEPEST_LIST}");
    }
    let bytes = fs::read(list).with_context(|| format!("{shown}: the list cannot be read"))?;
    let text = String::from_utf8(bytes).with_context(|| format!("{shown}: the list is not UTF-8 text"))?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let before = paths.len();
    for line in lines {
        expand_one(Path::new(line), depth + 1, paths)?;
    }
    if paths.len() == before {
        bail!("{shown}: the list names no structures");
    }
    Ok(())
}

/// The structures of a folder by name; not those of folders inside, nor hidden files.
fn structures_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let unreadable = || format!("{}: the folder cannot be read", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(unreadable)? {
        let path = entry.with_context(unreadable)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        let plain = name.strip_suffix(".gz").unwrap_or(&name);
        if ENDINGS.iter().any(|ending| plain.ends_with(ending)) && !name.starts_with('.') && path.is_file() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The name that the reader gives the structure of a file, known before it is read.
fn name_of(path: &Path) -> String {
    if is_standard_input(path) {
        return "stdin".to_owned();
    }
    structure_name(&path.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use fastmpnn::structure::{ReadOptions, read_bytes};

    use super::*;

    #[test]
    fn names_are_those_of_the_reader() {
        let atom = b"ATOM      2  CA  ALA A   1       1.000   2.000   3.000  1.00  0.00           C\n";
        for path in ["dir/5L33.pdb.gz", "5L33.PDB", "a.b.cif", ".pdb", "x.txt", "pdb1abc.ent", "é.pdb", "stdin"] {
            let structure = read_bytes(path, atom, &ReadOptions::default());
            // A .cif of PDB lines is still read as PDB.
            assert_eq!(name_of(Path::new(path)), structure.unwrap().name, "{path}");
        }
    }

    #[test]
    fn equal_names_are_refused_by_both_paths() {
        let input = |path: &str| Input { path: path.into(), name: name_of(Path::new(path)) };
        let error = check_distinct(&[input("a/1.pdb"), input("2.pdb"), input("b/1.cif.gz")]).unwrap_err();
        assert!(error.to_string().starts_with("a/1.pdb and b/1.cif.gz are both named 1"), "{error}");
    }
}
