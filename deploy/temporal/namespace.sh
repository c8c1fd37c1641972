#!/bin/sh
# Make the namespace, or bring its retention up to date, and register what workflows can be filtered by. Safe to repeat.
# Reads TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, RETENTION and SEARCH_ATTRIBUTES ("Name=Type Name=Type …").
set -eu

# A server that has just started answers before it knows its own namespaces.
patiently() {
    tries=0
    until "$@"; do
        tries=$((tries + 1))
        if [ "$tries" -ge 30 ]; then
            echo "given up after $tries tries: $*" >&2
            return 1
        fi
        sleep 2
    done
}

is_registered() {
    temporal operator search-attribute list | awk '{ print $1 }' | grep -qx "$1"
}

patiently temporal operator cluster health

if temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; then
    temporal operator namespace update --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"
else
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"
fi
patiently temporal operator search-attribute list >/dev/null

for attribute in $SEARCH_ATTRIBUTES; do
    name=${attribute%%=*}
    if ! is_registered "$name"; then
        temporal operator search-attribute create --name "$name" --type "${attribute#*=}"
    fi
done
