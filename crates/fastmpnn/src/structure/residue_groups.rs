//! Groups atom records by residue: chain, number, insertion code and name.

use std::collections::HashMap;

use super::atom_record::AtomRecord;

/// The atom records of one residue: same chain, number, insertion code and name.
#[derive(Clone, Debug)]
pub(super) struct Group<'r, 'a> {
    pub(super) records: Vec<&'r AtomRecord<'a>>,
    /// The line where the same residue occurs again after a different one.
    pub(super) again_at: Option<usize>,
    /// The first N, CA and C; looked up once, because a file may hold residues of any size.
    pub(super) backbone: [Option<&'r AtomRecord<'a>>; 3],
}

pub(super) const BACKBONE: [&str; 3] = ["N", "CA", "C"];

/// Chain, number and insertion code.
pub(super) type Site<'a> = (&'a str, i32, Option<char>);

impl<'r, 'a> Group<'r, 'a> {
    /// The record that names the group; groups are never empty.
    pub(super) fn first(&self) -> &'r AtomRecord<'a> {
        self.records[0]
    }

    pub(super) fn site(&self) -> Site<'a> {
        let first = self.first();
        (first.chain, first.number, first.insertion)
    }

    /// Whether it has N, CA and C.
    pub(super) fn has_peptide_backbone(&self) -> bool {
        self.backbone.iter().all(Option::is_some)
    }

    /// Whether any of its atoms has the letter of an alternate location.
    pub(super) fn has_letters(&self) -> bool {
        self.records.iter().any(|record| record.altloc.is_some())
    }

    fn push(&mut self, record: &'r AtomRecord<'a>) {
        if let Some(place) = BACKBONE.iter().position(|&name| name == record.name) {
            self.backbone[place].get_or_insert(record);
        }
        self.records.push(record);
    }
}

/// Groups records by chain, number, insertion code and name, in order of first appearance.
pub(super) fn group_records<'r, 'a>(records: &'r [AtomRecord<'a>]) -> Vec<Group<'r, 'a>> {
    let mut groups: Vec<Group<'r, 'a>> = Vec::new();
    let mut index_of: HashMap<(Site<'a>, &str), usize> = HashMap::new();
    let mut current = None;
    let mut site_of_last = None;
    for record in records {
        let site = (record.chain, record.number, record.insertion);
        let index = *index_of.entry((site, record.residue_name)).or_insert_with(|| {
            groups.push(Group { records: Vec::new(), again_at: None, backbone: [None; 3] });
            groups.len() - 1
        });
        let group = &mut groups[index];
        // Conformers of different names may alternate at one site: that is no second occurrence.
        if !group.records.is_empty() && current != Some(index) && site_of_last != Some(site) {
            group.again_at.get_or_insert(record.line);
        }
        group.push(record);
        current = Some(index);
        site_of_last = Some(site);
    }
    groups
}
