// Replies of the control socket (reply.h).
#include "daemon/reply.h"

void reply_begin(struct reply *reply, int exit_code)
{
    *reply = (struct reply){0};
    reply->json = json_begin(&reply->text);
    json_open_object(&reply->json, NULL);
    json_number(&reply->json, "v", 1);
    json_bool(&reply->json, "ok", exit_code == 0);
    json_number(&reply->json, "exit", exit_code);
}

void reply_send(struct daemon *daemon, struct control_client *client, struct reply *reply,
                bool lasting)
{
    json_close_object(&reply->json);
    control_reply(&daemon->control, client, buffer_text(&reply->text), lasting);
    buffer_free(&reply->text);
}

void reply_refuse(struct daemon *daemon, struct control_client *client, int exit_code,
                  const char *why, const char *hint)
{
    struct reply reply;
    reply_begin(&reply, exit_code);
    json_text(&reply.json, "error", why);
    if (hint)
        json_text(&reply.json, "hint", hint);
    reply_send(daemon, client, &reply, false);
}
