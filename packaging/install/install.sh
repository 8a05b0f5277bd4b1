#!/bin/sh
# Installs plakar @VERSION@: adds the signed repository of this system's package manager and installs from it, or where there
# is none that it knows, unpacks the archive for any Linux or for macOS. Everything that is downloaded is held against digests
# or signatures before it is used. `sh install.sh --help` says what can be asked for.
set -eu
# everything here is for everybody: what the archive brings, public keys, lists of repositories
umask 022

version='@VERSION@'
# which of the repositories has this version; those beside "stable" lie in folders of their own
suite='@SUITE@'
# where the package repositories are, and where the files of the release
repositories="${PLAKAR_REPOSITORIES:-@REPOSITORIES@}"
downloads="${PLAKAR_DOWNLOADS:-@DOWNLOADS@}"
# SHA-256 of the keys that repositories are signed with
pgp_key_digest='@PGP_KEY_DIGEST@'
apk_key_name='@APK_KEY_NAME@'
apk_key_digest='@APK_KEY_DIGEST@'
# SHA-256 and names of the archives
archives='@ARCHIVES@'

usage() {
  cat <<TEXT
usage: sh install.sh [--method apt|dnf|apk|archive] [--root DIR] [--prefix DIR] [--dry-run]
  --method   how: by default what this system has
  --root     install into the system below DIR, for images
  --prefix   where the archive goes: \$prefix/lib/plakar, and a script in \$prefix/bin; /usr/local by default
  --dry-run  say what would be done, and do nothing
TEXT
}

say() { printf '%s\n' "$*" >&2; }
die() {
  say "install.sh: $1"
  [ $# -lt 2 ] || say "$2"
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

method='' root='' prefix='/usr/local' dry_run=''
while [ $# -gt 0 ]; do
  case "$1" in
    --method | --root | --prefix)
      [ $# -ge 2 ] || die "$1 wants a value" 'See: sh install.sh --help'
      case "$1" in
        --method) method="$2" ;;
        --root) root="${2%/}" ;;
        --prefix) prefix="${2%/}" ;;
      esac
      shift 2
      ;;
    --dry-run)
      dry_run=1
      shift
      ;;
    -h | --help)
      usage
      exit 0
      ;;
    *) die "there is no option $1" 'See: sh install.sh --help' ;;
  esac
done

# a command of a step, or only its words
run() {
  if [ -n "$dry_run" ]; then say "would run: $*"; else "$@"; fi
}

require_configured() {
  case "$1" in
    @*@ | '') die "this install.sh does not know where $2" "Take it from a release, or set $3" ;;
  esac
}

# shellcheck disable=SC2016 # what is told is to be typed as it is
require_root() {
  [ -n "$dry_run" ] || [ "$(id -u)" = 0 ] || die "$method installs for everybody, which only root may" \
    'Run it again as root (sudo sh install.sh), or with --method archive --prefix "$HOME/.local"'
}

scratch=''
clean() { [ -z "$scratch" ] || rm -rf "$scratch"; }
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# fetch URL FILE DIGEST: what has another digest is not kept
fetch() {
  say "fetching $1"
  if have curl; then
    curl --fail --silent --show-error --location --proto-redir '=https' --output "$2" "$1" || die "$1 cannot be fetched" 'Is there a network, and a proxy that must be named?'
  elif have wget; then
    wget -q -O "$2" "$1" || die "$1 cannot be fetched" 'Is there a network, and a proxy that must be named?'
  else
    die 'there is neither curl nor wget' 'Install one of them.'
  fi
  digest=$(digest_of "$2")
  [ "$digest" = "$3" ] || {
    rm -f "$2"
    die "$1 is not what this release has" "Its SHA-256 is $digest, and should be $3. Nothing was installed: tell the project."
  }
}

digest_of() {
  if have sha256sum; then
    sha256sum "$1" | cut -d ' ' -f 1
  elif have shasum; then
    shasum -a 256 "$1" | cut -d ' ' -f 1
  else
    die 'there is neither sha256sum nor shasum' 'Without one of them nothing can be verified.'
  fi
}

# put FILE PATH: in place at once, readable by everybody
put() {
  mkdir -p "$(dirname "$2")"
  cp "$1" "$2.unfinished"
  chmod 644 "$2.unfinished"
  mv "$2.unfinished" "$2"
}

# suite_path: what comes between "yum" or "apk" and the architecture
suite_path() {
  [ "$suite" = stable ] || printf '/%s' "$suite"
}

# file_url PATH: with every byte escaped that a list of addresses would take for something else
file_url() {
  printf 'file://'
  printf '%s' "$1" | od -A n -v -t x1 | tr -d ' \n' |
    sed 's/../%&/g; s/%2f/\//g; s/%2e/./g; s/%2d/-/g; s/%5f/_/g'
}

in_root() {
  if [ -n "$root" ]; then run chroot "$root" "$@"; else run "$@"; fi
}

install_apt() {
  require_configured "$repositories" 'the repositories are' PLAKAR_REPOSITORIES
  require_root
  if [ -n "$dry_run" ]; then
    say "would write $root/usr/share/keyrings/plakar-archive-keyring.asc and $root/etc/apt/sources.list.d/plakar.sources"
  else
    fetch "$repositories/keys/plakar.asc" "$scratch/key" "$pgp_key_digest"
    put "$scratch/key" "$root/usr/share/keyrings/plakar-archive-keyring.asc"
    cat >"$scratch/sources" <<TEXT
Types: deb
URIs: $repositories/apt
Suites: $suite
Components: main
Signed-By: /usr/share/keyrings/plakar-archive-keyring.asc
TEXT
    put "$scratch/sources" "$root/etc/apt/sources.list.d/plakar.sources"
  fi
  # only this source: another one that is out of order is not our business
  in_root apt-get update -o Dir::Etc::sourcelist=/etc/apt/sources.list.d/plakar.sources -o Dir::Etc::sourceparts=- -o APT::Get::List-Cleanup=0
  in_root env DEBIAN_FRONTEND=noninteractive apt-get install -y plakar
}

install_dnf() {
  require_configured "$repositories" 'the repositories are' PLAKAR_REPOSITORIES
  require_root
  tool=dnf
  have dnf || tool=yum
  key="$root/etc/pki/rpm-gpg/RPM-GPG-KEY-plakar"
  if [ -n "$dry_run" ]; then
    say "would write $key and $root/etc/yum.repos.d/plakar.repo"
  else
    fetch "$repositories/keys/plakar.asc" "$scratch/key" "$pgp_key_digest"
    put "$scratch/key" "$key"
    cat >"$scratch/repo" <<TEXT
[plakar]
name=plakar
baseurl=$repositories/yum$(suite_path)/\$basearch
enabled=1
gpgcheck=1
repo_gpgcheck=1
gpgkey=$(file_url "$key")
TEXT
    put "$scratch/repo" "$root/etc/yum.repos.d/plakar.repo"
  fi
  if [ -n "$root" ]; then
    run "$tool" -y --installroot "$root" install plakar
    # the system in there finds the key at its own place
    [ -n "$dry_run" ] || sed -i "s|^gpgkey=.*|gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-plakar|" "$root/etc/yum.repos.d/plakar.repo"
  else
    run "$tool" -y install plakar
  fi
}

install_apk() {
  require_configured "$repositories" 'the repositories are' PLAKAR_REPOSITORIES
  require_root
  list="$root/etc/apk/repositories"
  line="$repositories/apk$(suite_path)"
  if [ -n "$dry_run" ]; then
    say "would write $root/etc/apk/keys/$apk_key_name, and $line to $list"
  else
    fetch "$repositories/keys/$apk_key_name" "$scratch/key" "$apk_key_digest"
    put "$scratch/key" "$root/etc/apk/keys/$apk_key_name"
    mkdir -p "$root/etc/apk"
    touch "$list"
    grep -qxF "$line" "$list" || printf '%s\n' "$line" >>"$list"
  fi
  if [ -n "$root" ]; then run apk --root "$root" add plakar; else run apk add plakar; fi
}

# shellcheck disable=SC2016 # what is told is to be typed as it is
install_archive() {
  require_configured "$downloads" 'the files of the release are' PLAKAR_DOWNLOADS
  case "$(uname -s)" in
    Linux) system=linux ;;
    Darwin) system=darwin ;;
    *) die "there is no archive for $(uname -s)" "See what there is: $downloads" ;;
  esac
  case "$(uname -m)" in
    x86_64 | amd64) machine=amd64 ;;
    aarch64 | arm64) machine=arm64 ;;
    *) die "there is no archive for $(uname -m)" "See what there is: $downloads" ;;
  esac
  case "$prefix" in
    /*) ;;
    *) die "--prefix wants an absolute path, not $prefix" ;;
  esac
  case "$prefix" in
    *[\"\$\`\\]*) die "--prefix has a character that a script would take for something else: $prefix" ;;
  esac
  name="plakar_${version}_${system}_${machine}"
  digest=$(printf '%s\n' "$archives" | sed -n "s/^\([0-9a-f]\{64\}\)  $name\.tar\.gz\$/\1/p")
  [ -n "$digest" ] || die "this release has no $name.tar.gz" "See what there is: $downloads"
  home="$root$prefix/lib/plakar"
  if [ -n "$dry_run" ]; then
    say "would unpack $downloads/download/v$version/$name.tar.gz as $home, with a script in $root$prefix/bin"
    return
  fi
  mkdir -p "$root$prefix/lib" "$root$prefix/bin" 2>/dev/null ||
    die "$root$prefix cannot be written" 'Run it again as root, or with --prefix "$HOME/.local"'
  fetch "$downloads/download/v$version/$name.tar.gz" "$scratch/archive" "$digest"
  # beside its place, so that it takes it in one step; what was there goes after that
  rm -rf "$home.new" "$home.old"
  mkdir "$home.new"
  tar -xzf "$scratch/archive" -C "$home.new" || die "$name.tar.gz cannot be unpacked" 'Is the disk full?'
  [ ! -e "$home" ] || mv "$home" "$home.old"
  mv "$home.new/$name" "$home"
  rm -rf "$home.new" "$home.old"
  # no link: to find what it leads to takes a program that not every system has
  printf '#!/bin/sh\nexec "%s/lib/plakar/plakar" "$@"\n' "$prefix" >"$root$prefix/bin/plakar.new"
  chmod 755 "$root$prefix/bin/plakar.new"
  mv "$root$prefix/bin/plakar.new" "$root$prefix/bin/plakar"
  case ":$PATH:" in
    *":$prefix/bin:"*) ;;
    *) say "$prefix/bin is not in PATH: add it, or call $prefix/bin/plakar" ;;
  esac
}

if [ -z "$method" ]; then
  if have apt-get && [ "$(uname -s)" = Linux ]; then
    method=apt
  elif have dnf || have yum; then
    method=dnf
  elif have apk; then
    method=apk
  else
    method=archive
  fi
fi
scratch=$(mktemp -d)
case "$method" in
  apt | dnf | apk | archive) "install_$method" ;;
  *) die "there is no way $method to install" 'One of: apt, dnf, apk, archive' ;;
esac
[ -n "$dry_run" ] || say "plakar is installed: plakar help"
