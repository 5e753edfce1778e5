//! The ionizable groups of polypeptides, and their charge at a pH.

/// pK of each side chain that gains a proton: lysine, arginine, histidine. This and the tables below: Bjellqvist et al.,
/// Electrophoresis 14 (1993) 1023 and 15 (1994) 529, the values of ExPASy's ProtParam.
const BASIC_SIDE_CHAINS: [Side; 3] =
    [Side { letter: 'K', pk: 10.0 }, Side { letter: 'R', pk: 12.0 }, Side { letter: 'H', pk: 5.98 }];

/// pK of each side chain that loses a proton: aspartate, glutamate, cysteine, tyrosine.
const ACIDIC_SIDE_CHAINS: [Side; 4] = [
    Side { letter: 'D', pk: 4.05 },
    Side { letter: 'E', pk: 4.45 },
    Side { letter: 'C', pk: 9.0 },
    Side { letter: 'Y', pk: 10.0 },
];

/// pK of the amino group of a first residue that is not in [`N_TERMINI`].
const N_TERMINUS: f64 = 7.5;
const N_TERMINI: [Side; 7] = [
    Side { letter: 'A', pk: 7.59 },
    Side { letter: 'M', pk: 7.0 },
    Side { letter: 'S', pk: 6.93 },
    Side { letter: 'P', pk: 8.36 },
    Side { letter: 'T', pk: 6.82 },
    Side { letter: 'V', pk: 7.44 },
    Side { letter: 'E', pk: 7.7 },
];

/// pK of the carboxyl group of a last residue that is not in [`C_TERMINI`].
const C_TERMINUS: f64 = 3.55;
const C_TERMINI: [Side; 2] = [Side { letter: 'D', pk: 4.55 }, Side { letter: 'E', pk: 4.75 }];

/// The pK of a group of an amino acid.
struct Side {
    letter: char,
    pk: f64,
}

/// Groups of one pK.
struct Group {
    pk: f64,
    count: f64,
}

/// The ionizable groups of some polypeptides.
pub(super) struct ChargedGroups {
    basic: Vec<Group>,
    acidic: Vec<Group>,
}

impl ChargedGroups {
    /// The groups of polypeptides, each with its termini.
    pub(super) fn of(polymers: &[&str]) -> ChargedGroups {
        let count = |letter: char| polymers.iter().map(|polymer| polymer.matches(letter).count()).sum::<usize>();
        let side_chains = |sides: &[Side]| -> Vec<Group> {
            sides.iter().map(|side| Group { pk: side.pk, count: count(side.letter) as f64 }).collect()
        };
        let (mut basic, mut acidic) = (side_chains(&BASIC_SIDE_CHAINS), side_chains(&ACIDIC_SIDE_CHAINS));
        let pk_of = |letter: Option<char>, special: &[Side], usual: f64| {
            special.iter().find(|side| Some(side.letter) == letter).map_or(usual, |side| side.pk)
        };
        for polymer in polymers {
            basic.push(Group { pk: pk_of(polymer.chars().next(), &N_TERMINI, N_TERMINUS), count: 1.0 });
            acidic.push(Group { pk: pk_of(polymer.chars().next_back(), &C_TERMINI, C_TERMINUS), count: 1.0 });
        }
        ChargedGroups { basic, acidic }
    }

    /// The net charge at a pH, elementary charges, by Henderson and Hasselbalch's equation for each group.
    pub(super) fn charge(&self, ph: f64) -> f64 {
        let positive: f64 = self.basic.iter().map(|group| group.count / (1.0 + 10f64.powf(ph - group.pk))).sum();
        let negative: f64 = self.acidic.iter().map(|group| group.count / (1.0 + 10f64.powf(group.pk - ph))).sum();
        positive - negative
    }

    /// The pH at which the net charge is 0; `None` where there are no groups.
    pub(super) fn isoelectric_point(&self) -> Option<f64> {
        let any = self.basic.iter().chain(&self.acidic).any(|group| group.count > 0.0);
        // The charge falls with the pH, and every polypeptide has a basic and an acidic group: its zero is between these.
        let (mut low, mut high) = (0.0, 14.0);
        while any && high - low > 1e-7 {
            let middle = (low + high) / 2.0;
            if self.charge(middle) > 0.0 { low = middle } else { high = middle }
        }
        any.then_some((low + high) / 2.0)
    }
}
