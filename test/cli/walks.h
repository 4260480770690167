// A walk as JSON, for the tests of what is printed of it.
#pragma once

#include <jansson.h>

static const char walk_text[] =
    "{\"v\":1,\"name\":\"www.example.test.\",\"type\":\"A\",\"rcode\":\"NOERROR\","
    "\"reason\":\"resolved\",\"packets\":3,\"ms\":12.5,"
    "\"answer\":[{\"name\":\"www.example.test.\",\"ttl\":300,\"type\":\"A\",\"data\":\"192.0.2.1\"}"
    "],"
    "\"authority\":[],\"additional\":[],\"steps\":["
    "{\"step\":\"question\",\"task\":1,\"depth\":0,\"at_ms\":0,\"name\":\"www.example.test.\","
    "\"type\":\"A\"},"
    "{\"step\":\"zone\",\"task\":1,\"depth\":0,\"at_ms\":0.1,\"name\":\".\",\"text\":\"hints\"},"
    "{\"step\":\"ask\",\"task\":1,\"depth\":0,\"at_ms\":0.2,\"name\":\"test.\",\"type\":\"NS\","
    "\"server\":\"a.root.\",\"address\":\"192.0.2.53:53\",\"transport\":\"udp\",\"ask\":7},"
    "{\"step\":\"timeout\",\"task\":1,\"depth\":0,\"at_ms\":5,\"ask\":7},"
    "{\"step\":\"ask\",\"task\":1,\"depth\":0,\"at_ms\":5,\"name\":\"test.\",\"type\":\"NS\","
    "\"server\":\"b<root>.\",\"address\":\"192.0.2.54:53\",\"transport\":\"tcp\",\"ask\":8},"
    "{\"step\":\"reply\",\"task\":1,\"depth\":0,\"at_ms\":6,\"rtt_ms\":1.0,\"rcode\":\"NOERROR\","
    "\"ask\":8,\"text\":\"referral to test.\"},"
    "{\"step\":\"need\",\"task\":1,\"depth\":0,\"at_ms\":6,\"name\":\"ns.other.test.\","
    "\"type\":\"A\"},"
    "{\"step\":\"done\",\"task\":2,\"depth\":1,\"at_ms\":9,\"rcode\":\"NOERROR\",\"text\":\"\"},"
    "{\"step\":\"done\",\"task\":1,\"depth\":0,\"at_ms\":12.5,\"rcode\":\"NOERROR\"}]}";

static const char failed_walk_text[] =
    "{\"v\":1,\"name\":\"x.test.\",\"type\":\"AAAA\",\"rcode\":\"SERVFAIL\",\"packets\":0,\"ms\":0,"
    "\"ede\":{\"code\":22,\"text\":\"nobody\\u001b[31m answered\"},"
    "\"answer\":[],\"authority\":[],\"additional\":[],\"steps\":[]}";
