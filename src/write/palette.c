/* SPDX-License-Identifier: BSD-3-Clause */
#include "write/palette.h"

const struct tint palette_subflow[PALETTE_SUBFLOWS] = {
    {"#02adfd", "#038eff"}, {"#d29a12", "#c09900"}, {"#5e20b5", "#7b4476"},
    {"#006d45", "#1cf3b5"}, {"#643c5d", "#ffc1ff"}, {"#a184aa", "#9589ac"},
    {"#99a676", "#bae735"}, {"#2b68ff", "#324bdd"},
};

const int palette_faded[PALETTE_ROUNDS] = {0, 45, 20, 60, 30};

const struct tint palette_ink[INK_LOST + 1] = {
    [INK_SUBFLOW] = {"#444444", "#cccccc"},
    [INK_WHOLE] = {"#000000", "#ffffff"},
    [INK_WINDOW] = {"#529a85", "#0e7f5c"},
    [INK_FAINT] = {"#6c7076", "#959fa0"},
    [INK_REINJECTED] = {"#d20e4e", "#e84873"},
    [INK_LOST] = {"#851800", "#b43c09"},
};
