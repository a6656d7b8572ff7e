"""Writes guardrails/src/normal/table.rs from Python's unicodedata. Usage: python3 fold.py > table.rs"""
import sys, unicodedata as u
IGN=[(0xAD,0xAD),(0x34F,0x34F),(0x61C,0x61C),(0x115F,0x1160),(0x17B4,0x17B5),(0x180B,0x180F),(0x200B,0x200F),(0x202A,0x202E),(0x2060,0x206F),(0x3164,0x3164),(0xFE00,0xFE0F),(0xFEFF,0xFEFF),(0xFFA0,0xFFA0),(0xFFF0,0xFFF8),(0x1BCA0,0x1BCA3),(0x1D173,0x1D17A),(0xE0000,0xE0FFF)]
# Control codes but those that separate words, and the blocks of combining marks, keycaps among them.
UNPRINTED=[(0,8),(0xB,0xB),(0xE,0x1F),(0x7F,0x84),(0x86,0x9F),(0x300,0x34E),(0x350,0x36F),(0x1AB0,0x1AFF),(0x1DC0,0x1DFF),(0x20D0,0x20FF),(0xFE20,0xFE2F)]
# What ends a page, a line or a paragraph.
ENDS=(0xC,0x85,0x2028,0x2029)
# The bars of tables that consoles draw.
BARS=(0x2502,0x2503,0x2551)
def act(c):
    if any(a<=c<=b for a,b in UNPRINTED): return ('U',0)
    if c in ENDS: return ('A',0x20)
    if c in BARS: return ('A',0x7C)
    if c<0x80: return None
    if any(a<=c<=b for a,b in IGN): return ('D',0)
    ch=chr(c); cat=u.category(ch)
    if cat=='Nd': return ('A',0x30+u.digit(ch))
    if cat=='Pd' or c in (0x2212,0x2043): return ('A',0x2D)
    if cat=='Zs': return ('A',0x20)

    k=u.normalize('NFKC',ch)
    if len(k)==1 and 0x20<=ord(k)<0x7F and k!=ch: return ('A',ord(k))
    return None
rows=[]
for c in range(0x110000):
    if 0xD800<=c<0xE000: continue
    a=act(c)
    if a is None: continue
    if rows:
        s,e,k,v=rows[-1]
        if e==c-1 and k==a[0]:
            if k in 'DU': rows[-1][1]=c; continue
            if k=='A' and a[1]==v+(c-s): rows[-1][1]=c; continue
            if k=='C' : pass
        if e==c-1 and k=='C' and a[0]=='A' and a[1]==v: rows[-1][1]=c; continue
        if e==c-1 and k=='A' and s==e and a[0]=='A' and a[1]==v: rows[-1][1]=c; rows[-1][2]='C'; continue
    rows.append([c,c,a[0],a[1]])
print(f'''//! Characters that are read as others. Made by `guardrails/tools/fold.py` from Unicode {u.unidata_version}:
//! `Default_Ignorable_Code_Point`, control codes, combining marks, decimal digits, dashes, spaces, bars, and what NFKC folds into one
//! printable ASCII character.

/// What the characters of a row become.
#[derive(Clone, Copy)]
pub(super) enum Fold {{
    /// Nothing: they are not shown.
    Drop,
    /// Nothing either, and nobody hides anything with them.
    Unprinted,
    /// The first becomes this, and each next one the next.
    From(u8),
    /// All become this.
    All(u8),
}}

/// First and last character, in order.
pub(super) const FOLDS: &[(u32, u32, Fold)] = &[''')
for s,e,k,v in rows:
    f={'D':'Fold::Drop','U':'Fold::Unprinted','A':f'Fold::From(0x{v:02X})','C':f'Fold::All(0x{v:02X})'}[k]
    if k=='A' and s==e: f=f'Fold::All(0x{v:02X})'
    print(f'    (0x{s:04X}, 0x{e:04X}, {f}),')
print('];')
