#!/bin/sh
# Stands where the launcher expects its program and does what WAYBILL_STAND_IN says.
case $WAYBILL_STAND_IN in
  arguments) printf '%s\000' "$@" ;;
  exit) exit "$WAYBILL_STAND_IN_VALUE" ;;
  die) kill -s "$WAYBILL_STAND_IN_VALUE" $$ ; sleep 5 ;;
  input) cat ;;
  environment) env ;;
  wait)
    trap 'echo TERM; exit 43' TERM
    trap 'echo INT; exit 42' INT
    trap 'echo HUP; exit 41' HUP
    echo "ready $$"
    while :; do sleep 0.02; done ;;
  stubborn)
    trap 'echo TERM' TERM
    trap 'echo INT' INT
    echo "ready $$"
    while :; do sleep 0.02; done ;;
esac
