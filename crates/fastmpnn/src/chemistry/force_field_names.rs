//! Residue names of force fields, refinement and NMR programs, with their standard equivalents.
//!
//! Sources, by the letters at the end of each line of the table:
//!
//! - A: AMBER's residue libraries `amino12.lib`, `aminont12.lib`, `aminoct12.lib`, and `AS4`, `GL4` of its constant pH method
//!   (`cpinutil.py`); AmberTools 23.
//! - C: CHARMM's `top_all36_prot.rtf` and its patches, and `toppar_all36_prot_d_aminoacids.str`.
//! - G: `residuetypes.dat` and the `.rtp` files of GROMACS 2024 (GROMOS, OPLS, AMBER's ports).
//! - N: the library of CYANA 3 (`ARG+`, `GLU-`, `CYSS`, `HIST`, `cPRO`).
//! - R: Rosetta's `residue_types` of disulfides and free thiols.
//! - S: Schrödinger's protein preparation: protonation states by the same names as AMBER's, and `ARN`.
//! - X: X-PLOR and CNS, `protein.top`.
//!
//! Three-letter names that the PDB has given to ligands are left out, whatever a force field means by them: `CYN`
//! (cyanide; neutral cysteine in GROMACS), `CYT` (Schrödinger's thiolate, and CHARMM's cytosine), `SRO` (serotonin).

/// The parent, and its alternative names.
pub(super) const FORCE_FIELD_NAMES: &[(&str, &str)] = &[
    ("ALA", "DALA"),                                                         // C G
    ("ARG", "ARN ARGN ARGP"),                                                // G S
    ("ASN", "ASN1"),                                                         // G
    ("ASP", "ASH ASPH ASPP ASP1 AS4"),                                       // A C G S
    ("CYS", "CYX CYM CYS1 CYS2 CYSH CYSS CYSD CYZ CYD"),                     // A C G N R S
    ("GLN", "PGLU"),                                                         // G: pyroglutamate, as PCA
    ("GLU", "GLH GLUH GLUP GL4"),                                            // A C G S
    ("HIS", "HID HIE HIP HIH HIS1 HIS2 HISA HISB HISD HISE HISH HISN HISP"), // A G S
    ("HIS", "HSD HSE HSP HIST"),                                             // C N
    ("LEU", "MELEU"),                                                        // G
    ("LYS", "LYN LYP LYSH LYSN LYSP LSN"),                                   // A C G S
    ("PHE", "PHEH PHEU"),                                                    // G
    ("PRO", "CISP"),                                                         // X
    ("TRP", "TRPH TRPU"),                                                    // G
    ("TYR", "TYM TYRH TYRU"),                                                // A G
    ("VAL", "MEVAL"),                                                        // G
];

/// Prefixes of residue names: N- and C-terminal residues in AMBER, D-amino acids in CHARMM, cis-proline in CYANA. The
/// PDB has no four-letter codes, and its five-letter codes begin with A1, so no ligand has such a name.
const PREFIXES: [char; 3] = ['N', 'C', 'D'];

/// Removes the mark of a terminus, a charge or a variant: `NHIS` and `HIS+` become `HIS`, `CHIE` becomes `HIE`.
/// `is_listed` says whether the rest is a known name.
pub(super) fn base_name(name: &str, is_listed: impl Fn(&str) -> bool) -> Option<&str> {
    let charged = name.strip_suffix(['+', '-']).filter(|base| base.len() == 3);
    let terminal = name.strip_prefix(PREFIXES).filter(|base| base.len() >= 3);
    [charged, terminal].into_iter().flatten().find(|base| is_listed(base))
}

/// The standard name that a name of four or five characters begins with, as in CHARMM's lipidated and phosphorylated
/// residues (`CYSP`, `SERP`) and in `HIS_D`.
pub(super) fn variant_of(name: &str) -> Option<&str> {
    let variant = name.get(3..)?;
    let is_variant = match variant.len() {
        1 => true,
        2 => variant.starts_with(['_', ':', '-']),
        _ => false,
    };
    name.get(..3).filter(|_| is_variant)
}

/// Four-letter names of lipids and other molecules, which could be read as a three-letter name and a chain. Source: the
/// residues of CHARMM's `toppar_all36_lipid*.str` that membranes are commonly built of, and AMBER's Lipid21.
pub(super) const LIPIDS: &str = "\
    CHL1 CHOL CER1 ERG1 SITO STIG DLPC DMPC DPPC DSPC DOPC DEPC DAPC DUPC POPC PLPC SOPC SLPC SAPC SDPC PAPC PDPC PSPC \
    DLPE DMPE DPPE DSPE DOPE POPE PLPE SOPE SLPE SAPE SDPE PAPE DLPG DMPG DPPG DSPG DOPG POPG PLPG SOPG SLPG SAPG DLPS \
    DMPS DPPS DSPS DOPS POPS PLPS SOPS SLPS SAPS SDPS DLPA DMPA DPPA DSPA DOPA POPA PLPA SOPA POPI PLPI SAPI PIPI DPPI \
    TOCL TMCL TLCL LPPC LPPE DTSM PALM OLEO STEA LAUR MYRI LINO CARD LDAO";
