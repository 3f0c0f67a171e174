# look-for.sh SENTINEL FILE…    Names every file that can be read and is not empty, or can be executed; the sentinel last.
sentinel=$1
shift
for file; do
  if { [ -r "$file" ] && [ -s "$file" ]; } || { [ -f "$file" ] && [ -x "$file" ]; }; then printf 'reached %s\n' "$file"; fi
done
printf '%s\n' "$sentinel"
