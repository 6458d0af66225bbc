#!/bin/sh
# The API behind the servers, as far as the tests need it: jobs from files, and a create that
# responds with the request body.
data=${0%/*}/data
path=${REQUEST_URI%%\?*}
respond() { # status, content type
  printf 'Status: %s\r\nContent-Type: %s\r\n\r\n' "$1" "$2"
}
case "$REQUEST_METHOD $path" in
"GET "*/restoreJobs)
  respond 200 application/json
  cat "$data/list.json"
  ;;
"GET "*/restoreJobs/53bd7f13e4b0a7304e226998)
  respond 200 application/json
  cat "$data/job.json"
  ;;
"POST "*/restoreJobs)
  received=$(head -c "${CONTENT_LENGTH:-0}") # completely, before the response
  respond 200 application/json
  printf '{"results":[{"id":"53bd7f13e4b0a7304e226998","statusName":"IN_PROGRESS","contentType":"%s",' "$CONTENT_TYPE"
  printf '"received":%s}],"totalCount":1}' "$received"
  ;;
"DELETE "*/backup/restoreJobs/53bd7f13e4b0a7304e226998)
  printf 'Status: 204\r\n\r\n'
  ;;
*)
  respond 404 application/json
  printf '{"error":404,"reason":"Not Found","errorCode":"RESOURCE_NOT_FOUND","detail":"Cannot find resource %s.","parameters":["%s"]}' "$path" "$path"
  ;;
esac
