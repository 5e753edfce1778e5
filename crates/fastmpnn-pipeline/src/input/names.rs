//! The names of structures: the file's, and where files share it, as much of their paths as tells them apart. Results
//! are named by it, and random numbers keyed on it.

use std::collections::{HashMap, HashSet};
use std::path::{Component, Path, PathBuf};

use fastmpnn::structure::structure_name;

use super::structure_input::{Input, is_standard_input};

/// More new names than this are counted instead.
const NAMED: usize = 12;

/// Which of several files of one name keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// None: all of them are named by their paths.
    Distinct,
    /// The first of all inputs, which the results are named by; the others are named by their paths.
    FirstKept,
}

/// Names the files, and says in a note which names are not those of the files.
pub(super) fn name_all(paths: Vec<PathBuf>, naming: Naming) -> (Vec<Input>, Vec<String>) {
    let (paths, mut notes) = without_repeats(paths, naming);
    let own: Vec<String> = paths.iter().map(|path| name_of(path)).collect();
    let mut sharing: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, name) in own.iter().enumerate() {
        sharing.entry(name).or_default().push(index);
    }
    let mut names = own.clone();
    let mut taken: HashSet<String> = own.iter().cloned().collect();
    let mut groups: Vec<Vec<usize>> = sharing.into_values().filter(|group| group.len() > 1).collect();
    groups.sort_unstable();
    let mut renamed = Vec::new();
    for mut group in groups {
        if naming == Naming::FirstKept && group[0] == 0 {
            group.remove(0);
        } else {
            // A file that the path does not lengthen may keep the name.
            taken.remove(&own[group[0]]);
        }
        let members: Vec<&Path> = group.iter().map(|&index| paths[index].as_path()).collect();
        for (&index, name) in group.iter().zip(distinct(&members, &taken)) {
            taken.insert(name.clone());
            if name != own[index] {
                renamed.push(Renamed { index, name: name.clone() });
            }
            names[index] = name;
        }
    }
    renamed.sort_unstable_by_key(|renamed| renamed.index);
    notes.extend(note(&renamed, &paths));
    (paths.into_iter().zip(names).map(|(path, name)| Input { path, name }).collect(), notes)
}

/// The name that a file gives a structure, known before it is read. Control characters would break headers and tables.
pub(super) fn name_of(path: &Path) -> String {
    if is_standard_input(path) {
        return "stdin".to_owned();
    }
    let file_name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    structure_name(&file_name).replace(char::is_control, "_")
}

/// Each file once. The states of a protein are as many as are given.
fn without_repeats(paths: Vec<PathBuf>, naming: Naming) -> (Vec<PathBuf>, Vec<String>) {
    if naming == Naming::FirstKept {
        return (paths, Vec::new());
    }
    let mut seen = HashSet::new();
    let (mut kept, mut notes) = (Vec::with_capacity(paths.len()), Vec::new());
    for path in paths {
        if seen.insert(whole(&path)) {
            kept.push(path);
        } else {
            notes.push(format!("{} is given twice, and read once", path.display()));
        }
    }
    (kept, notes)
}

/// The folders of a path as it was written, outermost first.
fn folders(path: &Path) -> Vec<String> {
    let parts = path.parent().into_iter().flat_map(Path::components);
    let normal = |part: Component<'_>| match part {
        Component::Normal(name) => Some(name.to_string_lossy().replace(char::is_control, "_")),
        _ => None,
    };
    parts.filter_map(normal).collect()
}

/// The path from the root, without `.` and `..`.
fn whole(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut whole = PathBuf::new();
    for part in absolute.components() {
        match part {
            Component::ParentDir => {
                whole.pop();
            }
            part => whole.push(part),
        }
    }
    whole
}

/// Names of files that share one, told apart by as few folders as it takes, and by their endings where they lie in one
/// folder.
fn distinct(paths: &[&Path], taken: &HashSet<String>) -> Vec<String> {
    let in_folder = |path: &Path| (whole(path).parent().map(Path::to_owned), name_of(path));
    let mut count: HashMap<_, usize> = HashMap::new();
    for path in paths {
        *count.entry(in_folder(path)).or_default() += 1;
    }
    let base = |path: &Path| if count[&in_folder(path)] > 1 { with_ending(path) } else { name_of(path) };
    let bases: Vec<String> = paths.iter().map(|path| base(path)).collect();
    let several = count.keys().map(|(folder, _)| folder).collect::<HashSet<_>>().len() > 1;
    let as_written: Vec<Vec<String>> = paths.iter().map(|path| folders(path)).collect();
    let from_the_root: Vec<Vec<String>> = paths.iter().map(|path| folders(&whole(path))).collect();
    for of_path in [&as_written, &from_the_root] {
        let most = of_path.iter().map(Vec::len).max().unwrap_or(0);
        for depth in usize::from(several)..=most {
            let named = |(folders, base): (&Vec<String>, &String)| {
                let used = folders[folders.len().saturating_sub(depth)..].iter().chain([base]);
                used.cloned().collect::<Vec<_>>().join("_")
            };
            let names: Vec<String> = of_path.iter().zip(&bases).map(named).collect();
            let different: HashSet<&String> = names.iter().collect();
            if different.len() == names.len() && names.iter().all(|name| !taken.contains(name)) {
                return names;
            }
        }
    }
    // Paths that come out the same, as a/b_c and a_b/c do.
    let mut used = taken.clone();
    let numbered = |base: String| {
        let mut names = (2..).map(|number: usize| format!("{base}_{number}"));
        let name = if used.contains(&base) { names.find(|name| !used.contains(name)) } else { None };
        let name = name.unwrap_or(base);
        used.insert(name.clone());
        name
    };
    let whole_path = |(folders, base): (&Vec<String>, String)| [folders.join("_"), base].join("_");
    from_the_root.iter().zip(bases).map(whole_path).map(numbered).collect()
}

/// `5L33_pdb_gz` of `5L33.pdb.gz`.
fn with_ending(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().replace(char::is_control, "_");
    let own = name_of(path);
    match name.strip_prefix(&own) {
        Some(ending) => format!("{own}{}", ending.replace('.', "_")),
        None => own,
    }
}

/// A file whose structure is not named as the file is.
struct Renamed {
    index: usize,
    name: String,
}

fn note(renamed: &[Renamed], paths: &[PathBuf]) -> Option<String> {
    if renamed.is_empty() {
        return None;
    }
    let line = |Renamed { index, name }: &Renamed| format!("{} is {name}", paths[*index].display());
    let list: Vec<String> = renamed.iter().take(NAMED).map(line).collect();
    let more = renamed.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    Some(format!(
        "files of the same name are named by their paths: {}{more}. The random numbers depend on the seed and the name: \
         alone, under its own name, a file gives other designs",
        list.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(paths: &[&str], naming: Naming) -> Vec<String> {
        let (inputs, _) = name_all(paths.iter().map(PathBuf::from).collect(), naming);
        inputs.into_iter().map(|input| input.name).collect()
    }

    #[test]
    fn paths_name_what_file_names_do_not_tell_apart() {
        let cases: [(&[&str], &[&str]); 9] = [
            (&["a/x.pdb", "b/y.pdb"], &["x", "y"]),
            (&["model_1/pred.cif", "model_2/pred.cif", "z.pdb"], &["model_1_pred", "model_2_pred", "z"]),
            (&["a/1/x.pdb", "b/1/x.pdb"], &["a_1_x", "b_1_x"]),
            (&["x.pdb", "a/x.pdb"], &["x", "a_x"]),
            (&["x.pdb", "x.cif.gz", "a/x.pdb"], &["x_pdb", "x_cif_gz", "a_x"]),
            // A name that another file has by itself is not given to a second one.
            (&["a/x.pdb", "b/x.pdb", "c/a_x.pdb"], &["a_x", "b_x", "a_x"]),
            (&["/r/a/b_x.pdb", "/r/c/b_x.pdb", "/r/a/b/x.pdb", "/r/a_b/x.pdb"], &["a_b_x", "c_b_x", "b_x", "a_b_x"]),
            (&["a/x.pdb", "./a/x.pdb", "a/../a/x.pdb"], &["x"]),
            (&["-", "a/stdin.pdb"], &["stdin", "a_stdin"]),
        ];
        for (number, (paths, expected)) in cases.into_iter().enumerate() {
            let found = names(paths, Naming::Distinct);
            let different: HashSet<&String> = found.iter().collect();
            assert_eq!(different.len(), found.len(), "{found:?}");
            // Two cases must avoid names; what they choose instead is only that they differ.
            if number != 5 && number != 6 {
                assert_eq!(found, expected);
            }
        }
    }

    #[test]
    fn the_first_state_keeps_its_name() {
        assert_eq!(names(&["a/x.pdb", "b/x.pdb"], Naming::FirstKept), ["x", "b_x"]);
        assert_eq!(names(&["a/y.pdb", "b/x.pdb", "c/x.pdb"], Naming::FirstKept), ["y", "b_x", "c_x"]);
    }

    #[test]
    fn control_characters_are_no_part_of_a_name() {
        assert_eq!(name_of(Path::new("a\u{1b}[2J\nb.pdb")), "a_[2J_b");
    }
}
