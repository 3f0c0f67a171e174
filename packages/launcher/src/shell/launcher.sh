#!/bin/sh -
# Launcher of a Waybill bundle. POSIX shell that calls no other program, so that it needs no PATH; only when it is called through a
# symbolic link it asks readlink, because no shell can read one.

fail() {
  code=$1
  shift
  echo "$name: $*" >&2
  exit "$code"
}

# The launcher's own path; `sh launcher` looks in the working folder, then in PATH.
find_self() {
  self=$0
  rest=${PATH-}:
  case $self in
  */*) rest= ;;
  *) [ ! -f "./$self" ] || rest= ;;
  esac
  while [ -n "$rest" ]; do
    folder=${rest%%:*}
    rest=${rest#*:}
    if [ -f "${folder:-.}/$self" ]; then
      self=${folder:-.}/$self
      break
    fi
  done
  case $self in
  /*) ;;
  *) self=./$self ;;
  esac
}

follow_links() {
  hops=0
  while [ -h "$self" ]; do
    hops=$((hops + 1))
    [ "$hops" -le 40 ] || fail 126 "too many symbolic links lead to the launcher"
    target=$(command -p readlink "$self" 2>/dev/null && echo .) || target=$(readlink "$self" 2>/dev/null && echo .) ||
      fail 126 "there is no readlink to follow the symbolic link $self; call the launcher by its own path"
    target=${target%??}
    case $target in
    /*) self=$target ;;
    *) self=${self%/*}/$target ;;
    esac
  done
}

# Sets a variable for the program's start only: the Python start hook gives back what the user had.
private() {
  eval "former=\${$1-} present=\${$1+x}"
  [ -z "$present" ] || export "WAYBILL_WAS_$1=$former"
  { export "WAYBILL_PRIVATE=${WAYBILL_PRIVATE:+$WAYBILL_PRIVATE:}$1" "$1=$2"; } 2>/dev/null
}

# Variables that lead the interpreter elsewhere. A line of a value that looks like one can only name a variable that goes anyway.
drop_foreign() {
  rest=$(export -p)$newline
  while [ -n "$rest" ]; do
    line=${rest%%"$newline"*}
    rest=${rest#*"$newline"}
    line=${line#export }
    line=${line#declare -x }
    variable=${line%%=*}
    case $variable in
    PYTHONUNBUFFERED | PYTHONDONTWRITEBYTECODE | PYTHONFAULTHANDLER | *[!A-Za-z0-9_]*) ;;
    PYTHON* | _PYTHON_* | __PYVENV_LAUNCHER__ | WAYBILL_PRIVATE | WAYBILL_WAS_*) unset "$variable" ;;
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
  for file in /etc/ssl/certs/ca-certificates.crt /etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem \
    /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/ca-bundle.pem /etc/ssl/cert.pem /etc/pki/tls/cacert.pem \
    /etc/ssl/certs/ca-bundle.crt "$1"; do
    [ -n "$file" ] && [ -r "$file" ] && break
    file=
  done
  [ -n "${SSL_CERT_FILE+x}" ] || [ -z "$file" ] || export "SSL_CERT_FILE=$file"
  [ "$2" = carried ] || return 0
  folder=/dev/null
  [ ! -r /etc/pki/tls/certs ] || folder=/etc/pki/tls/certs
  [ ! -r /etc/ssl/certs ] || folder=/etc/ssl/certs
  [ -n "${SSL_CERT_DIR+x}" ] || export "SSL_CERT_DIR=$folder"
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

newline='
'
