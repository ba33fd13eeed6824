#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# From a fresh machine to a first report, or to tested: see help below.
# What is there already is left alone, so running it again is quick.
#
# Functions are run by others (logged, trap) where shellcheck does not see it:
# shellcheck disable=SC2317
set -eu

usage()
{
	cat <<'END'
Usage: ./quickstart.sh [TRACE]       build, and analyse TRACE (or a sample)
       ./quickstart.sh check [lab]   build, and run all tests
       ./quickstart.sh help          this

Installs what is missing with the system's package manager (with sudo unless
you are root; it says so first), builds in build/, prints the report and writes
to mptcptrace-out/ a page for the browser with all pictures, and the report as
JSON.

check ends with the line `N passed, N failed`. With lab, or MPTCPTRACE_LAB=1 in
the environment, real kernel traffic between network namespaces is tested too;
that needs root. With MPTCPTRACE_BROWSER=1 Chromium is installed, if it can be,
to test the page in it; with MPTCPTRACE_STATIC=1 clang-tidy and cppcheck, to
check the source. A trace called "check" is ./check.

Exit status: 0 all went well, 1 something failed, 2 wrong command line.
END
}

# What is needed (libraries by the name pkg-config knows), and its package for
# each package manager, in this order. + stands between two packages; with -
# it must be there already.
managers='apt-get zypper dnf pacman apk brew'
packages='
cc           gcc+libc6-dev  gcc               gcc                gcc        gcc+musl-dev    -
make         make           make              make               make       make            make
awk          mawk           gawk              gawk               gawk       gawk            gawk
autoconf     autoconf       autoconf          autoconf           autoconf   autoconf        autoconf
automake     automake       automake          automake           automake   automake        automake
pkg-config   pkg-config     pkg-config        pkgconf-pkg-config pkgconf    pkgconf         pkgconf
diff         diffutils      diffutils         diffutils          diffutils  diffutils       diffutils
find         findutils      findutils         findutils          findutils  findutils       findutils
libpcap      libpcap-dev    libpcap-devel     libpcap-devel      libpcap    libpcap-dev     libpcap
libarchive   libarchive-dev libarchive-devel  libarchive-devel   libarchive libarchive-dev  libarchive
zlib         zlib1g-dev     zlib-devel        zlib-devel         zlib       zlib-dev        zlib
nettle       nettle-dev     libnettle-devel   nettle-devel       nettle     nettle-dev      nettle
jansson      libjansson-dev libjansson-devel  jansson-devel      jansson    jansson-dev     jansson
check        check          check-devel       check-devel        check      check-dev       check
'

# What is done without where it cannot be had: fewer privileges are given up, some
# tests are skipped.
extras='
libseccomp   libseccomp-dev libseccomp-devel  libseccomp-devel   libseccomp libseccomp-dev  -
gnuplot      gnuplot-nox    gnuplot           gnuplot            gnuplot    gnuplot         gnuplot
python3      python3        python3           python3            python     python3         python3
fuzzer       clang+libclang-rt-dev clang      clang+compiler-rt  clang+compiler-rt clang+compiler-rt -
chromium     chromium       chromium          chromium           chromium   chromium        -
chromedriver chromium-driver chromedriver     chromedriver       -          chromium-chromedriver -
clang-tidy   clang-tidy     clang-tools       clang-tools-extra  clang      clang-extra-tools -
cppcheck     cppcheck       cppcheck          cppcheck           cppcheck   cppcheck        cppcheck
'

root=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
build=$root/build
results=$root/mptcptrace-out
log=$build/quickstart.log

say()
{
	printf '%s\n' "$@"
}

# A path as short as can be.
near()
{
	say "${1#"$PWD"/}"
}

fail()
{
	say "quickstart: $*" >&2
	exit 1
}

# Runs a step with its output in the log, and shows the end of that when the
# step fails.
logged()
{
	if "$@" >"$log" 2>&1 </dev/null; then
		return 0
	fi
	tail -n 30 "$log" >&2
	return 1
}

#
# What is needed
#

package_manager()
{
	for manager in $managers; do
		if command -v "$manager" >/dev/null 2>&1; then
			say "$manager"
			return
		fi
	done
}

# Is a tool or a library there?
has()
{
	case $1 in
	cc)
		compiles
		;;
	make | awk | autoconf | automake | diff | find | gnuplot | python3 | \
		chromium | chromedriver | clang-tidy | cppcheck)
		command -v "$1" >/dev/null 2>&1
		;;
	fuzzer)
		fuzzes
		;;
	pkg-config)
		command -v "${PKG_CONFIG:-pkg-config}" >/dev/null 2>&1
		;;
	*)
		"${PKG_CONFIG:-pkg-config}" --exists "$1" 2>/dev/null
		;;
	esac
}

# A compiler without the headers of the C library is of no use.
compiles()
{
	for compiler in ${CC:+"$CC"} gcc cc clang; do
		# $CC may hold options.
		# shellcheck disable=SC2086
		echo '#include <stdio.h>' |
			$compiler -E -x c - >/dev/null 2>&1 && return 0
	done
	return 1
}

# Of clang, its runtime is often a package of its own.
fuzzes()
{
	echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' |
		clang -fsanitize=fuzzer,address,undefined -x c \
			-o "$build/fuzzes" - >/dev/null 2>&1
}

# Is it needed for what is asked?
needed()
{
	case $1 in
	autoconf | automake) configure_is_stale ;;
	check | diff | find | fuzzer | gnuplot | python3) [ "$command" = check ] ;;
	libseccomp) [ "$(uname)" = Linux ] ;;
	chromium | chromedriver)
		[ "$command" = check ] && [ "$browser" = 1 ]
		;;
	clang-tidy | cppcheck) [ "$command" = check ] && [ "$static" = 1 ] ;;
	*) true ;;
	esac
}

# The rows of a table that are needed and not there.
missing()
{
	say "$1" | while read -r thing names; do
		if [ -n "$thing" ] && needed "$thing" && ! has "$thing"; then
			say "$thing $names"
		fi
	done
}

# The things in rows of the table, in one line.
things_in()
{
	separator=
	while read -r thing names; do
		printf '%s%s' "$separator" "$thing"
		separator=' '
	done
}

# Their packages, for a package manager. (No awk: it may be what is missing.)
packages_in()
{
	column=1
	for name in $managers; do
		[ "$name" != "$1" ] || break
		column=$((column + 1))
	done
	while read -r thing names; do
		# shellcheck disable=SC2086
		set -- $names
		shift $((column - 1))
		[ "$1" = - ] || printf '%s ' "$1" | tr + ' '
	done
}

as_root()
{
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

install_packages()
{
	case $manager in
	apt-get)
		logged as_root apt-get -q update || true
		logged as_root env DEBIAN_FRONTEND=noninteractive apt-get \
			-q -y --no-install-recommends install "$@"
		;;
	zypper)
		logged as_root zypper --non-interactive install \
			--no-recommends "$@"
		;;
	dnf)
		# RHEL and its kin keep libpcap-devel and others in a
		# repository that is off at first.
		for repository in crb powertools; do
			if dnf -q repolist --all 2>/dev/null </dev/null |
				grep -q "^$repository "; then
				set -- "--enablerepo=$repository" "$@"
			fi
		done
		logged as_root dnf -q -y install "$@"
		;;
	pacman)
		refresh=
		ls /var/lib/pacman/sync/*.db >/dev/null 2>&1 || refresh=y
		logged as_root pacman "-S$refresh" --needed --noconfirm "$@"
		;;
	apk)
		logged as_root apk add --no-cache "$@"
		;;
	brew)
		logged brew install "$@"
		;;
	esac
}

# Homebrew keeps these where pkg-config does not look.
find_homebrew_libraries()
{
	[ "$(uname)" = Darwin ] && command -v brew >/dev/null 2>&1 || return 0
	prefix=$(brew --prefix)
	for library in libpcap libarchive zlib; do
		directory=$prefix/opt/$library/lib/pkgconfig
		PKG_CONFIG_PATH=$directory${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
	done
	export PKG_CONFIG_PATH
}

# Installs what a table's rows say, as far as it is missing.
get()
{
	rows=$(missing "$1")
	[ -n "$rows" ] || return 0
	things=$(say "$rows" | things_in)
	say "Missing: $things"
	manager=$(package_manager)
	[ -n "$manager" ] ||
		fail "no package manager known here; please install $things and run this again"
	names=$(say "$rows" | packages_in "$manager")
	names=${names% }
	with=$manager
	if [ "$(id -u)" -ne 0 ] && [ "$manager" != brew ]; then
		command -v sudo >/dev/null 2>&1 ||
			fail "there is no sudo; as root, install: $names"
		with="sudo $manager"
	fi
	say "Installing with $with: $names"
	# shellcheck disable=SC2086
	install_packages $names || fail "$manager could not install: $names"
	rows=$(missing "$1")
	[ -z "$rows" ] ||
		fail "still missing: $(say "$rows" | things_in)"
}

# Extras one by one: what cannot be had is done without.
get_extras()
{
	say "$extras" | while read -r row; do
		[ -z "$row" ] || (get "$row") </dev/null ||
			say "Going on without ${row%% *}."
	done
}

#
# Building
#

# The program takes its file list from these.
configure_is_stale()
{
	[ ! -f "$root/configure" ] ||
		[ -n "$(find "$root/configure.ac" "$root/Makefile.am" \
			-newer "$root/configure" 2>/dev/null)" ]
}

# Not configured, or before Check was there.
configuration_is_stale()
{
	[ ! -f "$build/Makefile" ] || [ ! -f "$build/config.status" ] || {
		[ "$command" = check ] &&
			! grep -q '^CHECK_LIBS = .' "$build/Makefile"
	}
}

# To be called in a subshell, as it stays there.
in_directory()
{
	cd "$1" && shift && "$@"
}


build_program()
{
	if configure_is_stale; then
		say "Making configure ..."
		(logged "$root/autogen.sh") || fail "autogen.sh failed"
		touch "$root/configure"
	fi
	if configuration_is_stale; then
		say "Configuring ..."
		# .. and not $root: that may have spaces in it.
		(logged in_directory "$build" ../configure) ||
			fail "configure failed; more in $(near "$build/config.log")"
	fi
	target=all
	if [ ! -x "$build/mptcptrace" ]; then
		say "Building ..."
		target=profiled
	fi
	(logged in_directory "$build" make -j "$jobs" "$target") ||
		fail "the build failed; more in $(near "$log")"
}

#
# The report
#

analyse()
{
	name=$(basename -- "$trace")
	name=${name%.gz} name=${name%.xz} name=${name%.zst}
	name=${name%.bz2} name=${name%.lz4}
	name=${name%.pcap} name=${name%.pcapng} name=${name%.cap}
	mkdir -p "$results"
	json=$results/${name:-trace}.json
	page=$results/${name:-trace}/mptcptrace.html
	rm -f "$json" "$page"
	say "" "$(near "$trace"):"
	"$build/mptcptrace" -f "$trace" --json="$json" \
		-w html -O "$(dirname -- "$page")"
}

#
# Tests
#

# "N passed, N failed" and how many were skipped if any; the verdict of check,
# always its last line.
verdict()
{
	printf '%d passed, %d failed' "$passed" "$failed"
	[ "$skipped" -eq 0 ] || printf ', %d skipped' "$skipped"
	printf '\n'
}

# The number behind a heading of automake's summary, added up.
summed()
{
	awk -v heading="$1:" '$1 == "#" && $2 == heading { n += $3 }
		END { print n + 0 }' "$log"
}

# What automake's driver left of each test program: a line
# `:test-result: PASS` a test. (The output of make is mixed up by -j.)
results_of_tests()
{
	find "$build" -name '*.trs' | sort
}

# A line a test program.
show_programs()
{
	results_of_tests | while IFS= read -r file; do
		name=${file#"$build"/}
		awk -v name="${name%.trs}" '
		$1 == ":test-result:" { n[$2]++ }
		END {	bad = n["FAIL"] + n["XPASS"] + n["ERROR"]
			printf "  %-28s %4d passed", name, n["PASS"] + n["XFAIL"]
			if (bad) printf ", %d FAILED", bad
			if (n["SKIP"]) printf ", %d skipped", n["SKIP"]
			print "" }' "$file"
	done
}

# What failed, and what was said about it.
show_failures()
{
	[ -n "$(results_of_tests)" ] || tail -n 30 "$log"
	results_of_tests | while IFS= read -r file; do
		grep -Eq '^:test-result: (FAIL|XPASS|ERROR)' "$file" || continue
		name=${file%.trs}
		say "" "$(near "$name.log"):"
		grep -E '^(FAIL|XPASS|ERROR): ' "$name.log" || true
		show_not_ok "$name.log"
	done
}

# TAP with what went well left out, or just the end of what is no TAP.
show_not_ok()
{
	[ -f "$1" ] || return 0
	if grep -q '^not ok' "$1"; then
		awk '/^(PASS|FAIL|SKIP|ERROR): / { next }
			/^ok / { p = 0 } /^not ok/ { p = 1 } p' "$1" | head -n 60
	else
		tail -n 20 "$1" | grep -v '^ERROR: ' || true
	fi
}

run_tests()
{
	say "" "Testing ..."
	find "$build" -name '*.trs' -exec rm -f {} +
	whole=true
	(logged in_directory "$build" env AM_COLOR_TESTS=no \
		make -j "$jobs" check 2>/dev/null) || whole=false
	passed=$(($(summed PASS) + $(summed XFAIL)))
	failed=$(($(summed FAIL) + $(summed XPASS) + $(summed ERROR)))
	skipped=$(summed SKIP)
	show_programs
	$whole || [ "$failed" -ne 0 ] || failed=1
	[ "$failed" -eq 0 ] || show_failures
}

# tally NAME PASSED FAILED SKIPPED: shows and counts them. False if something
# failed.
tally()
{
	[ "$(($2 + $3 + $4))" -gt 0 ] || set -- "$1" 0 1 0
	passed=$((passed + $2)) failed=$((failed + $3))
	skipped=$((skipped + $4))
	printf '  %-28s %4d passed, %d failed, %d skipped\n' "$1" "$2" "$3" "$4"
	[ "$3" -eq 0 ]
}

# tally_verdict NAME LOG: the log's last line is of the form of ours.
tally_verdict()
{
	set -- "$1" \
		"$(sed -n '$s/^\([0-9]*\) passed, .*/\1/p' "$2")" \
		"$(sed -n '$s/.* passed, \([0-9]*\) failed.*/\1/p' "$2")" \
		"$(sed -n '$s/.* failed, \([0-9]*\) skipped.*/\1/p' "$2")"
	tally "$1" "${2:-0}" "${3:-0}" "${4:-0}"
}

# How many lines of TAP in a file are so: passed, skipped, failed.
tap_count()
{
	awk -v what="$2" '
		/^not ok / { n["failed"]++ }
		/^ok / { n[/ # SKIP/ ? "skipped" : "passed"]++ }
		END { print n[what] + 0 }' "$1"
}

run_static()
{
	say "  tests/static: this takes a minute ..."
	"$root/tests/static" "$build" >"$build/static.log" 2>&1 </dev/null ||
		true
	tally tests/static "$(tap_count "$build/static.log" passed)" \
		"$(tap_count "$build/static.log" failed)" \
		"$(tap_count "$build/static.log" skipped)" ||
		show_not_ok "$build/static.log"
}

why_no_lab()
{
	if [ ! -f "$root/tests/lab/run" ]; then
		say "it is not in this tree"
	elif [ "$(id -u)" -ne 0 ]; then
		say "it needs root"
	elif ! command -v python3 >/dev/null 2>&1; then
		say "it needs python3"
	fi
}

run_lab()
{
	reason=$(why_no_lab)
	if [ -n "$reason" ]; then
		say "  tests/lab/run: left out, $reason"
		skipped=$((skipped + 1))
		return
	fi
	say "  tests/lab/run: real traffic, this takes some minutes ..."
	python3 "$root/tests/lab/run" --mptcptrace "$build/mptcptrace" \
		>"$build/lab.log" 2>&1 </dev/null || true
	tally_verdict tests/lab/run "$build/lab.log" || show_not_ok "$build/lab.log"
}

# A little fuzzing, the same each time as far as time is; each harness counts.
run_fuzz()
{
	say "  tests/fuzz/run: half a minute, and building ..."
	"$root/tests/fuzz/run" --seconds 30 --seed 1 \
		>"$build/fuzz.log" 2>&1 </dev/null || true
	tally_verdict tests/fuzz/run "$build/fuzz.log" ||
		tail -n 60 "$build/fuzz.log"
}

# However check ends, with or without tests.
end_of_check()
{
	status=$?
	trap - EXIT
	if [ "$failed" -eq 0 ] && [ "$((passed + skipped))" -eq 0 ]; then
		failed=1
	fi
	say ""
	verdict
	[ "$status" -ne 0 ] || [ "$failed" -eq 0 ] || status=1
	exit "$status"
}

#
# All of it
#

command=analyse
lab=${MPTCPTRACE_LAB:-0}
browser=${MPTCPTRACE_BROWSER:-0}
static=${MPTCPTRACE_STATIC:-0}
trace=$root/tests/traces/sample.pcap
case ${1:-} in
help | -h | --help)
	usage
	exit 0
	;;
check)
	command=check
	shift
	if [ "${1:-}" = lab ]; then
		lab=1
		shift
	fi
	;;
-)
	fail "standard input will not do, it takes a file"
	;;
-*)
	usage >&2
	exit 2
	;;
?*)
	trace=$1
	shift
	;;
esac
if [ $# -gt 0 ]; then
	usage >&2
	exit 2
fi

passed=0 failed=0 skipped=0
[ "$command" != check ] || trap end_of_check EXIT
[ -f "$trace" ] || fail "$trace: no such file"
[ -r "$trace" ] || fail "$trace: cannot be read"
mkdir -p "$build"
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)

find_homebrew_libraries
get "$packages"
get_extras
build_program
analysed=0
analyse || analysed=$?

if [ "$command" = check ]; then
	run_tests
	run_fuzz
	[ "$static" != 1 ] || run_static
	[ "$lab" != 1 ] || run_lab
	[ "$analysed" -eq 0 ] || failed=$((failed + 1))
	[ "$failed" -eq 0 ]
	exit
fi

say "" "The program:  $(near "$build/mptcptrace"), --help tells what it can do"
[ ! -f "$page" ] ||
	say "Pictures:     $(near "$page"), for a browser"
[ ! -f "$json" ] ||
	say "This report:  $(near "$json")"
say "To read on:   $(near "$root/README.md"), $(near "$root/doc/")" \
	"To test:      $0 check"
exit "$analysed"
