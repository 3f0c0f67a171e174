#!/bin/sh -
# Launcher of a Waybill bundle. POSIX shell that calls no other program, so that it needs no PATH; only when it is called through a
# symbolic link it asks readlink, because no shell can read one.

fail() {
  waybill_code=$1
  shift
  echo "$waybill_name: $*" >&2
  exit "$waybill_code"
}

# The launcher's own path; `sh launcher` looks in the working folder, then in PATH.
find_self() {
  waybill_self=$0
  waybill_rest=${PATH-}:
  case $waybill_self in
  */*) waybill_rest= ;;
  *) [ ! -f "./$waybill_self" ] || waybill_rest= ;;
  esac
  while [ -n "$waybill_rest" ]; do
    waybill_folder=${waybill_rest%%:*}
    waybill_rest=${waybill_rest#*:}
    if [ -f "${waybill_folder:-.}/$waybill_self" ]; then
      waybill_self=${waybill_folder:-.}/$waybill_self
      break
    fi
  done
  case $waybill_self in
  /*) ;;
  *) waybill_self=./$waybill_self ;;
  esac
}

follow_links() {
  waybill_hops=0
  while [ -h "$waybill_self" ]; do
    waybill_hops=$((waybill_hops + 1))
    [ "$waybill_hops" -le 40 ] || fail 126 "too many symbolic links lead to the launcher"
    waybill_target=$(command -p readlink "$waybill_self" 2>/dev/null && echo .) || waybill_target=$(readlink "$waybill_self" 2>/dev/null && echo .) ||
      fail 126 "there is no readlink to follow the symbolic link $waybill_self; call the launcher by its own path"
    waybill_target=${waybill_target%??}
    case $waybill_target in
    /*) waybill_self=$waybill_target ;;
    *) waybill_self=${waybill_self%/*}/$waybill_target ;;
    esac
  done
}

# Sets a variable for the program's start only: the Python start hook gives back what the user had.
private() {
  eval "waybill_former=\${$1-} waybill_present=\${$1+x}"
  [ -z "$waybill_present" ] || export "WAYBILL_WAS_$1=$waybill_former"
  { export "WAYBILL_PRIVATE=${WAYBILL_PRIVATE:+$WAYBILL_PRIVATE:}$1" "$1=$2"; } 2>/dev/null
}

# Variables that lead the interpreter elsewhere. A line of a value that looks like one can only name a variable that goes anyway.
drop_foreign() {
  waybill_rest=$(export -p)$waybill_newline
  while [ -n "$waybill_rest" ]; do
    waybill_line=${waybill_rest%%"$waybill_newline"*}
    waybill_rest=${waybill_rest#*"$waybill_newline"}
    waybill_line=${waybill_line#export }
    waybill_line=${waybill_line#declare -x }
    waybill_variable=${waybill_line%%=*}
    case $waybill_variable in
    PYTHONUNBUFFERED | PYTHONDONTWRITEBYTECODE | PYTHONFAULTHANDLER | *[!A-Za-z0-9_]*) ;;
    PYTHON* | _PYTHON_* | __PYVENV_LAUNCHER__ | WAYBILL_PRIVATE | WAYBILL_WAS_*) unset "$waybill_variable" ;;
    esac
  done
}

# 0 when the user's locale is C, or is not on this machine. Names in the archive of locales cannot be read here: they are believed.
lacks_locale() {
  case $1 in
  '' | C | POSIX) return 0 ;;
  */* | [Cc].[Uu][Tt][Ff]*8) return 1 ;;
  esac
  [ -z "${LOCPATH-}${LOCALE_ARCHIVE-}" ] && [ -d /usr/lib/locale ] && [ ! -e /usr/lib/locale/locale-archive ] || return 1
  [ ! -d "/usr/lib/locale/$1" ] && [ ! -d "/usr/lib/locale/${1%.[Uu][Tt][Ff]-8}.utf8" ]
}

# In the C locale an embedded Python would take ASCII for stdio and file names, and Python's own program would export LC_CTYPE.
force_utf8() {
  if [ -n "${LC_ALL-}" ]; then
    ! lacks_locale "$LC_ALL" || private LC_ALL C.UTF-8
  elif lacks_locale "${LC_CTYPE:-${LANG-}}"; then
    private LC_CTYPE C.UTF-8
  fi
}

# A carried OpenSSL has paths of its build machine: the user's value, else this host's usual place, else the bundle's, else nowhere.
point_openssl() {
  for waybill_file in /etc/ssl/certs/ca-certificates.crt /etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem \
    /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/ca-bundle.pem /etc/ssl/cert.pem /etc/pki/tls/cacert.pem \
    /etc/ssl/certs/ca-bundle.crt "$1"; do
    [ -n "$waybill_file" ] && [ -r "$waybill_file" ] && break
    waybill_file=
  done
  [ -n "${SSL_CERT_FILE+x}" ] || [ -z "$waybill_file" ] || export "SSL_CERT_FILE=$waybill_file"
  [ "$2" = carried ] || return 0
  waybill_folder=/dev/null
  [ ! -r /etc/pki/tls/certs ] || waybill_folder=/etc/pki/tls/certs
  [ ! -r /etc/ssl/certs ] || waybill_folder=/etc/ssl/certs
  [ -n "${SSL_CERT_DIR+x}" ] || export "SSL_CERT_DIR=$waybill_folder"
  [ -n "${OPENSSL_CONF+x}" ] || export OPENSSL_CONF=/dev/null
}

# An embedded Python that finds no python3 on PATH makes its empty name absolute, and dies where the working folder is gone.
leave_deleted_folder() {
  pwd -P >/dev/null 2>&1 || cd /
}

start() {
  [ -f "$1" ] || fail 127 "cannot start $1: there is no such file; unpack the bundle again"
  [ -x "$1" ] || fail 126 "cannot start $1: it is not executable here; unpack the bundle again, or move it off a noexec file system"
  exec "$@"
}

waybill_newline='
'
