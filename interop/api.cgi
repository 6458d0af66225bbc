#!/bin/sh
# The API behind the servers, as far as the test needs one: jobs out of files, and a
# create that answers with what came.
data=${0%/*}/data
path=${REQUEST_URI%%\?*}
answer() { # status, content type
  printf 'Status: %s\r\nContent-Type: %s\r\n\r\n' "$1" "$2"
}
case "$REQUEST_METHOD $path" in
"GET "*/restoreJobs)
  answer 200 application/json
  cat "$data/list.json"
  ;;
"GET "*/restoreJobs/53bd7f13e4b0a7304e226998)
  answer 200 application/json
  cat "$data/job.json"
  ;;
"POST "*/restoreJobs)
  came=$(head -c "${CONTENT_LENGTH:-0}") # all of it, before anything is written
  answer 200 application/json
  printf '{"results":[{"id":"53bd7f13e4b0a7304e226998","statusName":"IN_PROGRESS","contentType":"%s",' "$CONTENT_TYPE"
  printf '"came":%s}],"totalCount":1}' "$came"
  ;;
"DELETE "*/backup/restoreJobs/53bd7f13e4b0a7304e226998)
  printf 'Status: 204\r\n\r\n'
  ;;
*)
  answer 404 application/json
  printf '{"error":404,"reason":"Not Found","errorCode":"RESOURCE_NOT_FOUND","detail":"Cannot find resource %s.","parameters":["%s"]}' "$path" "$path"
  ;;
esac
