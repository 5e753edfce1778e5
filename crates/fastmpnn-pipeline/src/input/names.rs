//! The names of structures: the file's, and where files share it, as much of their paths as tells them apart. Results
//! are named by it, and random numbers keyed on it.

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, Hash};
use std::path::{Component, Path, PathBuf};

use super::InputList;
use super::own_name::name_of;

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

/// Names the inputs, and says in a note which names are not those of the files.
pub(super) fn name_all(mut list: InputList, naming: Naming) -> (InputList, Vec<String>) {
    let mut notes = without_repeats(&mut list, naming);
    notes.extend(name_shared(&mut list, naming));
    (list, notes)
}

/// Names the rows of a manifest, which may have a file several times. Names that were given stand.
pub(super) fn name_rows(mut list: InputList) -> (InputList, Vec<String>) {
    let notes = name_shared(&mut list, Naming::Distinct).into_iter().collect();
    (list, notes)
}

/// Renames the inputs that share a name.
fn name_shared(list: &mut InputList, naming: Naming) -> Option<String> {
    let mut groups = sharing(list);
    if groups.is_empty() {
        return None;
    }
    // The names that stand, except those that a group below gives up.
    let mut taken = Taken::default();
    (0..list.len()).for_each(|index| taken.add(&list.name(index)));
    groups.sort_unstable();
    let mut renamed = Vec::new();
    for mut group in groups {
        let given = group.iter().any(|&index| list.is_named(index));
        group.retain(|&index| !list.is_named(index));
        if naming == Naming::FirstKept && group.first() == Some(&0) {
            group.remove(0);
        } else if let Some(&first) = group.first()
            && !given
        {
            // A file that the path does not lengthen may keep the name.
            taken.remove(&list.own_name(first));
        }
        let members: Vec<PathBuf> = group.iter().map(|&index| list.path_for_naming(index)).collect();
        for (&index, name) in group.iter().zip(distinct(&members, &taken)) {
            taken.add(&name);
            if name != list.own_name(index) {
                list.rename(index, &name);
                renamed.push(index);
            }
        }
    }
    renamed.sort_unstable();
    note(&renamed, list)
}

/// A set of names, as 64 bits of each. Two names of the same bits, one in ten million times with a million inputs, make a
/// name longer than it need be.
#[derive(Debug, Default)]
struct Taken(HashSet<u64, Keyless>);

impl Taken {
    fn add(&mut self, name: &str) {
        self.0.insert(bits(name));
    }

    fn remove(&mut self, name: &str) {
        self.0.remove(&bits(name));
    }

    fn contains(&self, name: &str) -> bool {
        self.0.contains(&bits(name))
    }
}

type Keyless = BuildHasherDefault<DefaultHasher>;

fn bits(text: impl Hash) -> u64 {
    Keyless::default().hash_one(text)
}

/// The inputs that may have something in common, by the bits of it: the indices of each group ascend. There may be a million
/// inputs, so that 32 bits of each are compared, and what a group has in common is for the caller to see.
fn alike(count: usize, of: impl Fn(usize) -> u64) -> Vec<Vec<usize>> {
    // In small pieces of memory: glibc does not return as much of what is freed later once a large piece has been freed.
    const IN_A_PIECE: usize = 4096;
    let mut pieces: Vec<Vec<u64>> = vec![Vec::new(); count / IN_A_PIECE + 1];
    for index in 0..count {
        let key = of(index) << 32 | index as u64;
        let piece = (key >> 32) as usize % pieces.len();
        pieces[piece].push(key);
    }
    let mut groups = Vec::new();
    for keys in &mut pieces {
        keys.sort_unstable();
        let alike = keys.chunk_by(|one, other| one >> 32 == other >> 32).filter(|group| group.len() > 1);
        groups.extend(alike.map(|group| group.iter().map(|key| (key & u64::from(u32::MAX)) as usize).collect()));
    }
    groups
}

/// The inputs that share a name with another, by name; the indices of each group ascend.
fn sharing(list: &InputList) -> Vec<Vec<usize>> {
    let mut groups = Vec::new();
    for group in alike(list.len(), |index| bits(list.name(index))) {
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        group.into_iter().for_each(|index| by_name.entry(list.name(index)).or_default().push(index));
        groups.extend(by_name.into_values().filter(|group| group.len() > 1));
    }
    groups
}

/// Each file once. The states of a protein are as many as are given.
fn without_repeats(list: &mut InputList, naming: Naming) -> Vec<String> {
    if naming == Naming::FirstKept {
        return Vec::new();
    }
    let mut repeats = Vec::new();
    for group in alike(list.len(), |index| bits(whole(&list.path(index)))) {
        let mut known = HashSet::new();
        repeats.extend(group.into_iter().filter(|&index| !known.insert(whole(&list.path(index)))));
    }
    if repeats.is_empty() {
        return Vec::new();
    }
    repeats.sort_unstable();
    let mut marks = vec![true; list.len()];
    repeats.iter().for_each(|&index| marks[index] = false);
    let note = |&index: &usize| format!("{} is given twice, and read once", list.path(index).display());
    let notes = repeats.iter().map(note).collect();
    list.retain(&marks);
    notes
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
fn distinct(paths: &[PathBuf], taken: &Taken) -> Vec<String> {
    let in_folder = |path: &Path| (whole(path).parent().map(Path::to_owned), name_of(path));
    let mut count: HashMap<_, usize> = HashMap::new();
    for path in paths {
        *count.entry(in_folder(path)).or_default() += 1;
    }
    // A row of a manifest, or a line, may name a file again.
    let same_file = paths.iter().all(|path| path.file_name() == paths[0].file_name());
    let with_endings = |path: &Path| count[&in_folder(path)] > 1 && !same_file;
    let base = |path: &Path| if with_endings(path) { with_ending(path) } else { name_of(path) };
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
    // Paths that come out the same, as a/b_c and a_b/c do, and members of one name in one file.
    let mut used: HashSet<String> = HashSet::new();
    let mut last: HashMap<String, usize> = HashMap::new();
    let numbered = |base: String| {
        let is_free = |name: &String| !used.contains(name) && !taken.contains(name);
        let name = if is_free(&base) {
            base
        } else {
            let number = last.entry(base.clone()).or_insert(1);
            let mut names = (*number + 1..).map(|number| (number, format!("{base}_{number}")));
            let (next, name) = names.find(|(_, name)| is_free(name)).unwrap_or((*number, base));
            *number = next;
            name
        };
        used.insert(name.clone());
        name
    };
    let whole_path = |(folders, base): (&Vec<String>, String)| match several {
        true => [folders.join("_"), base].join("_"),
        false => base,
    };
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

fn note(renamed: &[usize], list: &InputList) -> Option<String> {
    if renamed.is_empty() {
        return None;
    }
    let line = |&index: &usize| format!("{} is {}", list.path(index).display(), list.name(index));
    let lines: Vec<String> = renamed.iter().take(NAMED).map(line).collect();
    let more = renamed.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    Some(format!(
        "files of the same name are named by their paths: {}{more}. The random numbers depend on the seed and the name: \
         alone, under its own name, a file gives other designs",
        lines.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(paths: &[&str], naming: Naming) -> Vec<String> {
        let (inputs, _) = name_all(paths.iter().collect(), naming);
        inputs.iter().map(|input| input.name).collect()
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
}
