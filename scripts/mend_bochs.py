"""Mends what keeps the emulator Bochs 3.0 from running programs that use AMX under Linux.

Usage: mend_bochs.py SOURCE

- Linux gives tiles only where the processor has extended feature disable (XFD), which Bochs leaves out.
- XSAVE writes a tile's rows where its bytes per row belong and the other way round, saves eight of a tile's sixteen rows, and
  reports the tiles as in use when they are not.
- vdpbf16ps with an operand in memory multiplies a one-byte displacement by 4 instead of by 64.
- Subtracting two floats of equal exponent gives zero where the result is at least 2^-126 and less than 2^-125.
"""

import sys
from pathlib import Path

XFD = "bx_xfd & (1 << 18)"

# File, what is there, what takes its place.
MENDS = [
    ("cpu/proc_ctrl.cc", "#define LOG_THIS", "Bit64u bx_xfd, bx_xfd_err;\n#define LOG_THIS"),
    ("cpu/proc_ctrl.cc", "MASK)) != 0)\n    clear_amx_ok", f"MASK)) != 0 || ({XFD}))\n    clear_amx_ok"),
    (
        "cpu/proc_ctrl.cc",
        "XTILEDATA_MASK))\n    exception(BX_UD_EXCEPTION, 0);\n",
        "XTILEDATA_MASK))\n    exception(BX_UD_EXCEPTION, 0);\n"
        f"  if ({XFD}) {{ bx_xfd_err |= 1 << 18; exception(BX_NM_EXCEPTION, 0); }}\n",
    ),
    ("cpu/msr.cc", "#define LOG_THIS", "extern Bit64u bx_xfd, bx_xfd_err;\n#define LOG_THIS"),
    (
        "cpu/msr.cc",
        "  msr_desc[BX_MSR_XSS] =",
        '  msr_desc[BX_MSR_IA32_XFD] = new MSR_Descriptor("XFD", BX_ISA_AMX);\n'
        '  msr_desc[BX_MSR_IA32_XFD_ERROR] = new MSR_Descriptor("XFD_ERR", BX_ISA_AMX);\n'
        "  msr_desc[BX_MSR_XSS] =",
    ),
    (
        "cpu/msr.cc",
        "    case BX_MSR_XSS:\n      if (",
        "    case BX_MSR_IA32_XFD: val64 = bx_xfd; break;\n"
        "    case BX_MSR_IA32_XFD_ERROR: val64 = bx_xfd_err; break;\n"
        "    case BX_MSR_XSS:\n      if (",
    ),
    (
        "cpu/msr.cc",
        "    case BX_MSR_XSS:\n      {",
        "    case BX_MSR_IA32_XFD: bx_xfd = val_64; handleAvxModeChange(); break;\n"
        "    case BX_MSR_IA32_XFD_ERROR: bx_xfd_err = val_64; break;\n"
        "    case BX_MSR_XSS:\n      {",
    ),
    (
        "cpu/cpuid.cc",
        "leaf->eax |= (1<<3);\n\n    // EBX[31:00] - The size",
        "leaf->eax |= (1<<3);\n    if (is_cpu_extension_supported(BX_ISA_AMX)) leaf->eax |= (1<<4);\n\n    // EBX[31:00] - The size",
    ),
    (
        "cpu/cpuid.cc",
        "(1 << subfunction)) != 0;\n",
        "(1 << subfunction)) != 0;\n      if (subfunction == 18) leaf->ecx |= 4;\n",
    ),
    (
        "cpu/xsave.cc",
        "(8+n)    = BX_CPU_THIS_PTR amx->tilecfg[n].rows",
        "(8+n) = BX_CPU_THIS_PTR amx->tilecfg[n].bytes_per_row",
    ),
    (
        "cpu/xsave.cc",
        "(48+n) = BX_CPU_THIS_PTR amx->tilecfg[n].bytes_per_row",
        "(48+n) = BX_CPU_THIS_PTR amx->tilecfg[n].rows",
    ),
    ("cpu/xsave.cc", "row < BX_TILE_REGISTERS", "row < BX_TILE_MAX_ROWS"),
    ("cpu/xsave.cc", "tile_use_tracker == 0", "tile_use_tracker != 0"),
    (
        "cpu/decoder/ia_opcodes_evex.def",
        "BX_ISA_AVX512_BF16, OP_Vps, OP_Hdq, OP_mVdq32",
        "BX_ISA_AVX512_BF16, OP_Vps, OP_Hdq, OP_mVdq",
    ),
    (
        "cpu/softfloat3e/s_subMagsF32.c",
        "if (!expZ && sigDiff) {",
        "if (!expZ && (sigDiff << shiftDist) < 0x00800000) {",
    ),
]


def main() -> None:
    source = Path(sys.argv[1])
    texts = {name: (source / name).read_text() for name, _, _ in MENDS}
    for name, old, new in MENDS:
        if old not in texts[name]:
            sys.exit(f"{source / name}: no {old!r}; is this Bochs 3.0, not yet mended?")
        texts[name] = texts[name].replace(old, new)
    for name, text in texts.items():
        (source / name).write_text(text)


if __name__ == "__main__":
    main()
