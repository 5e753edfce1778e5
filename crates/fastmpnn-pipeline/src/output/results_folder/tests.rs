use super::*;
use crate::input::InputList;

#[derive(Serialize)]
struct Settings {
    program: &'static str,
    seed: u64,
}

const SETTINGS_OF_TEST: Settings = Settings { program: crate::PROGRAM, seed: 37 };

fn request<'a>(path: &'a Path, overwrite: bool, inputs: &'a InputList) -> FolderRequest<'a> {
    FolderRequest { path, command: "design", overwrite, inputs, fasta: None }
}

fn refusal(path: &Path, overwrite: bool, inputs: &InputList) -> String {
    match ResultsFolder::take(&request(path, overwrite, inputs)) {
        Ok(_) => panic!("it was taken"),
        Err(error) => error.to_string(),
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn inputs(names: &[&str]) -> InputList {
    names.iter().map(|name| format!("{name}.pdb")).collect()
}

#[test]
fn one_run_a_folder_and_overwrite_removes_its_files_alone() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("out");
    let first = ResultsFolder::take(&request(&path, false, &inputs(&[]))).unwrap();
    let error = refusal(&path, true, &inputs(&[]));
    assert!(error.contains("is in use: another process (fastmpnn design, process "), "{error}");
    first.begin(&SETTINGS_OF_TEST).unwrap();
    first.write("structures/a_1.pdb", b"x").unwrap();
    first.write("structures/a_2.pdb", b"x").unwrap();
    first.finish(&SETTINGS_OF_TEST, State::Finished).unwrap();
    drop(first);
    assert_eq!(names(&path), ["settings.json", "structures"]);

    let error = refusal(&path, false, &inputs(&[]));
    assert!(error.contains("holds the results of `fastmpnn design` (3 files, written 0 seconds ago)"), "{error}");
    assert!(error.contains("add overwrite"), "{error}");
    fs::write(path.join("structures/mine.pdb"), "x").unwrap();
    let second = ResultsFolder::take(&request(&path, true, &inputs(&[]))).unwrap();
    // Nothing is removed before there is something new.
    assert_eq!(names(&path.join("structures")), ["a_1.pdb", "a_2.pdb", "mine.pdb"]);
    assert!(second.is_untouched());
    second.begin(&SETTINGS_OF_TEST).unwrap();
    assert_eq!(names(&path.join("structures")), ["mine.pdb"]);
    second.finish(&SETTINGS_OF_TEST, State::Interrupted).unwrap();
    let error = refusal(&path, false, &inputs(&[]));
    assert!(error.contains("holds the unfinished results of `fastmpnn design` (1 file, the last written"), "{error}");
}

#[test]
fn a_run_that_fails_before_its_first_file_leaves_no_trace() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("out");
    drop(ResultsFolder::take(&request(&path, false, &inputs(&[]))).unwrap());
    assert!(!path.exists());
}

#[test]
fn what_a_killed_process_left_is_told_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let killed = ResultsFolder::take(&request(path, false, &inputs(&[]))).unwrap();
    killed.begin(&SETTINGS_OF_TEST).unwrap();
    killed.write("seqs/a.fa", b"x").unwrap();
    killed.claim("seqs/b.fa").unwrap();
    fs::write(path.join("seqs/.b.fa.x1y2z3.part"), "half").unwrap();
    // The system closes the files of a process that is killed.
    drop(killed);
    let error = refusal(path, false, &inputs(&[]));
    assert!(error.contains("the unfinished results of `fastmpnn design` (2 files"), "{error}");
    let next = ResultsFolder::take(&request(path, true, &inputs(&[]))).unwrap();
    next.begin(&SETTINGS_OF_TEST).unwrap();
    next.finish(&SETTINGS_OF_TEST, State::Finished).unwrap();
    assert_eq!(names(path), ["settings.json"]);
}

#[test]
fn files_of_others_are_neither_replaced_nor_removed() {
    let parent = tempfile::tempdir().unwrap();
    fs::write(parent.path().join("x"), "x").unwrap();
    let path = &parent.path().join("out");
    fs::create_dir_all(path.join("structures")).unwrap();
    fs::write(path.join("structures/5L33.pdb"), "an input").unwrap();
    drop(ResultsFolder::take(&request(path, false, &inputs(&["5L33"]))).unwrap());
    for file in ["designs.csv", "structures/5L33_1.pdb", "structures/5L33_T0.1_1.cif"] {
        fs::write(path.join(file), "x").unwrap();
        for overwrite in [false, true] {
            let error = refusal(path, overwrite, &inputs(&["5L33"]));
            assert!(error.contains("is there already, and no record tells which run made it"), "{error}");
        }
        fs::remove_file(path.join(file)).unwrap();
    }
    let taken = ResultsFolder::take(&request(path, false, &inputs(&[]))).unwrap();
    let error = taken.write("structures/5L33.pdb", b"y").unwrap_err();
    assert!(error.to_string().contains("not of this run"), "{error}");
    drop(taken);
    // A list of files that leads elsewhere.
    let outside = tempfile::tempdir().unwrap();
    let other = outside.path().join("other");
    fs::write(&other, "x").unwrap();
    let list = format!(
        "{{\"program\": \"fastmpnn\", \"run\": {{\"command\": \"design\", \"state\": \"finished\", \"files\": \
         [\"settings.json\", \"../x\", \"{}\"]}}}}",
        other.display()
    );
    fs::write(path.join("settings.json"), list).unwrap();
    let taken = ResultsFolder::take(&request(path, true, &inputs(&[]))).unwrap();
    taken.begin(&SETTINGS_OF_TEST).unwrap();
    assert!(other.exists() && parent.path().join("x").exists());
}

#[test]
fn what_a_run_reads_is_not_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let first = ResultsFolder::take(&request(path, false, &inputs(&[]))).unwrap();
    first.write("seqs/a.fa", b"x").unwrap();
    first.finish(&SETTINGS_OF_TEST, State::Finished).unwrap();
    let fasta = path.join("seqs/a.fa");
    let none = inputs(&[]);
    let next = FolderRequest { fasta: Some(&fasta), command: "pack", ..request(path, true, &none) };
    let error = ResultsFolder::take(&next).err().expect("a refusal").to_string();
    assert!(error.contains("a.fa is an input and one of the files that overwrite would remove"), "{error}");
}
